import { describe, expect, test } from 'vitest';
import { readServerInfo } from '../../src/redis/server-info.ts';

const info = (fields: Record<string, string> = {}) =>
  Object.entries({ redis_version: '7.0.15', redis_mode: 'standalone', role: 'master', loading: '0', ...fields })
    .map(([name, value]) => `${name}:${value}`)
    .join('\r\n');

describe('A server can be used', () => {
  test.each([
    ['Redis 7.0', info()],
    ['Redis 8', info({ redis_version: '8.0.2' })],
    ['Redis 10', info({ redis_version: '10.1.0' })],
    ['Valkey', info({ redis_version: '7.2.4', server_name: 'valkey', valkey_version: '8.1.1' })],
    ['a replica whose name was given: whether it may be written to is another question', info({ role: 'slave' })],
  ])('%s', (_, text) => {
    expect(readServerInfo(text, 'standalone')).toEqual({ problem: '', evicts: false });
  });

  test('a node of a cluster, where a cluster is meant', () => {
    expect(readServerInfo(info({ redis_mode: 'cluster' }), 'cluster').problem).toBe('');
  });
});

describe('A server cannot', () => {
  test.each([
    ['6.2.14', /its version 6.2.14 is too old: 7.0 or newer is needed/],
    ['255.255.255', /^$/],
    ['unstable', /too old/],
    ['x'.repeat(100), /its version x{20} is/],
  ])('of version %s', (redis_version, problem) => {
    expect(readServerInfo(info({ redis_version }), 'standalone').problem).toMatch(problem);
  });

  test.each([[undefined], [null], [7], [['a']], [''], ['PONG'], [':\r\n::']])('that says %j', (text) => {
    expect(readServerInfo(text, 'standalone').problem).toContain('not that of a Redis');
  });

  test('that sentinels name, and that is a replica', () => {
    expect(readServerInfo(info({ role: 'slave' }), 'sentinel').problem).toMatch(/^READONLY /);
  });

  test('that reads its data', () => {
    expect(readServerInfo(info({ loading: '1' }), 'standalone').problem).toMatch(/^LOADING /);
  });
});

test.each([
  ['noeviction', '100', false],
  ['noeviction', '0', false],
  ['allkeys-lru', '100', true],
  ['volatile-ttl', '100', true],
  // Full is what it never is.
  ['allkeys-lru', '0', false],
])('policy %s with maxmemory %s: evicts %s', (maxmemory_policy, maxmemory, evicts) => {
  expect(readServerInfo(info({ maxmemory_policy, maxmemory }), 'standalone').evicts).toBe(evicts);
});
