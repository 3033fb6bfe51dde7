import { describe, expect, test } from 'vitest';
import { backendSchema } from '../../src/upstream/config.ts';

function parse(upstream: Record<string, unknown>) {
  return backendSchema.parse({ upstreams: [upstream] }).upstreams[0];
}

describe('An upstream', () => {
  test.each([
    [{ address: 'users:80' }, false],
    [{ address: 'users:80', tls: false }, false],
    [{ address: 'users:80', tls: true }, true],
    [{ address: 'http://users' }, false],
    [{ address: 'https://users' }, true],
    [{ address: 'https://users', tls: true }, true],
  ])('%j speaks TLS: %s', (upstream, tls) => {
    expect(parse(upstream)?.tls).toBe(tls);
  });

  test.each([
    { address: 'https://users', tls: false },
    { address: 'http://users', tls: true },
  ])('%j contradicts itself', (upstream) => {
    expect(() => parse(upstream)).toThrow(/URL/);
  });

  test('sends keep-alive probes only where they are asked for', () => {
    expect(parse({ address: 'users:80' })?.tcp_keepalive).toBeUndefined();
    expect(parse({ address: 'users:80', tcp_keepalive: {} })?.tcp_keepalive).toEqual({ enabled: true, idle: 60_000 });
    expect(parse({ address: 'users:80', tcp_keepalive: { enabled: false } })?.tcp_keepalive).toMatchObject({ enabled: false });
  });

  test.skipIf(Number.parseFloat(process.versions.node) < 26)('counts probes where Node can set them', () => {
    const keepalive = { idle: '1m', interval: '10s', count: 9 };
    expect(parse({ address: 'users:80', tcp_keepalive: keepalive })?.tcp_keepalive).toEqual({
      enabled: true,
      idle: 60_000,
      interval: 10_000,
      count: 9,
    });
  });

  test.each(['10.0.0.1', 'a b', '', '*.users', '::1'])('is not asked for under the name %j', (name) => {
    expect(() => parse({ address: 'users:443', sni_hostname: name })).toThrow(/host name/);
  });

  test('is asked for under a name in lower case', () => {
    expect(parse({ address: 'users:443', sni_hostname: 'Users.Internal' })?.sni_hostname).toBe('users.internal');
  });
});

test.each([
  ['least_loaded', 'least_connections'],
  ['consistent_hash', 'consistent_hash'],
  ['module:./layers/mine.ts', 'module:./layers/mine.ts'],
])('the algorithm %s is %s', (written, algorithm) => {
  expect(backendSchema.parse({ upstreams: [{ address: 'a:1' }], algorithm: written }).algorithm).toBe(algorithm);
});

test.each([
  ['least_conections', 'least_connections'],
  ['module:', undefined],
])('there is no algorithm %s', (algorithm, suggestion) => {
  const { error } = backendSchema.safeParse({ upstreams: [{ address: 'a:1' }], algorithm });
  expect(error?.issues[0]).toMatchObject({ message: `there is no balancer "${algorithm}"`, params: { suggestion } });
});

test('a backend has at least one upstream', () => {
  expect(backendSchema.safeParse({ upstreams: [] }).success).toBe(false);
  expect(backendSchema.safeParse({}).success).toBe(false);
});
