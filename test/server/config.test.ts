import { expect, test } from 'vitest';
import { serverSchema } from '../../src/server/config.ts';

test('http_addr is always a list of addresses', () => {
  const here = { host: '127.0.0.1', port: 8080 };
  expect(serverSchema.parse({}).http_addr).toEqual([here]);
  expect(serverSchema.parse({ http_addr: '127.0.0.1:8080' }).http_addr).toEqual([here]);
  expect(serverSchema.parse({ http_addr: ['127.0.0.1:8080', '[::1]:0'] }).http_addr).toEqual([here, { host: '::1', port: 0 }]);
});

test.each([
  [{}, 30_000],
  [{ connection_timeout: '5s' }, 5_000],
  [{ timeouts: { header: '6s' } }, 6_000],
  [{ connection_timeout: '5s', timeouts: { header: '6s' } }, 6_000],
  [{ connection_timeout: '5s', timeouts: { body: '6s' } }, 5_000],
])('of %j the time for a head is %i ms', (server, header) => {
  const config = serverSchema.parse(server);
  expect(config.timeouts.header).toBe(header);
  expect(config).not.toHaveProperty('connection_timeout');
});

test('a drain may have no time, a head may not', () => {
  expect(serverSchema.parse({ timeouts: { drain: '0s' } }).timeouts.drain).toBe(0);
  expect(serverSchema.safeParse({ timeouts: { header: '0s' } }).success).toBe(false);
});

test('limits are bytes, within bounds that a connection can hold', () => {
  expect(serverSchema.parse({ limits: { header_bytes: '32KB' } }).limits).toEqual({
    header_bytes: 32_768,
    header_count: 100,
    uri_bytes: 8192,
    body_bytes: 0,
  });
  expect(serverSchema.safeParse({ limits: { header_bytes: '16GB' } }).success).toBe(false);
  expect(serverSchema.safeParse({ limits: { header_bytes: 16 } }).success).toBe(false);
});

test('a PROXY header has its time, and somebody who sends it', () => {
  expect(serverSchema.parse({}).proxy_protocol).toBeUndefined();
  expect(serverSchema.parse({ proxy_protocol: { from: ['10.0.0.0/8'] } }).proxy_protocol).toEqual({
    from: [{ address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    timeout: 2000,
  });
  expect(serverSchema.safeParse({ proxy_protocol: { from: [] } }).success).toBe(false);
  expect(serverSchema.safeParse({ proxy_protocol: {} }).success).toBe(false);
});

test.each([1, '1'])('%j is one thread, which is all there may be', (workers) => {
  expect(serverSchema.parse({ workers }).workers).toBe(1);
});

test.each([
  [2, 'not in this version'],
  ['auto', 'not in this version'],
  [0, 'not a number of threads'],
  [1.5, 'not a number of threads'],
  ['many', 'not a number of threads'],
])('%j threads are refused: %s', (workers, why) => {
  expect(serverSchema.safeParse({ workers }).error?.issues[0]?.message).toContain(why);
});

test.each([
  ['./503.html', 'text/html; charset=utf-8'],
  ['./503.HTM', 'text/html; charset=utf-8'],
  ['./503.json', 'application/json'],
  ['./503.txt', 'text/plain; charset=utf-8'],
  ['./json', 'text/plain; charset=utf-8'],
])('of %s the type is %s', (file, type) => {
  expect(serverSchema.parse({ error_bodies: { '503': file } }).error_bodies).toEqual({ '503': { type, text: '' } });
});
