import { expect, test } from 'vitest';
import { serverSchema } from '../../src/server/config.ts';

test('http_addr is always a list of addresses', () => {
  const here = { host: '127.0.0.1', port: 8080 };
  expect(serverSchema.parse({}).http_addr).toEqual([here]);
  expect(serverSchema.parse({ http_addr: '127.0.0.1:8080' }).http_addr).toEqual([here]);
  expect(serverSchema.parse({ http_addr: ['127.0.0.1:8080', '[::1]:0'] }).http_addr).toEqual([here, { host: '::1', port: 0 }]);
});

test('https_addr is none unless it is given, and then a list too', () => {
  expect(serverSchema.parse({}).https_addr).toEqual([]);
  expect(serverSchema.parse({ https_addr: '127.0.0.1:8443' }).https_addr).toEqual([{ host: '127.0.0.1', port: 8443 }]);
  expect(serverSchema.parse({ https_addr: ['127.0.0.1:1', '[::1]:2'] }).https_addr).toHaveLength(2);
  expect(serverSchema.safeParse({ https_addr: [] }).success).toBe(false);
});

test('certificates are one list, the single one first', () => {
  const certificates = [{ cert: 'b.crt', key: 'b.key' }];
  expect(serverSchema.parse({ tls_cert: 'a.crt', tls_key: 'a.key', tls: { certificates } }).tls.certificates).toEqual([
    { name: 'a.crt', cert: 'a.crt', key: 'a.key' },
    { name: 'b.crt', cert: 'b.crt', key: 'b.key' },
  ]);
  expect(serverSchema.parse({}).tls).toEqual({
    certificates: [],
    min_version: '1.2',
    client_auth: { mode: 'none' },
    handshake_timeout: 10_000,
  });
});

test.each([
  ['1.2', '1.2'],
  ['1.3', '1.3'],
  [1.2, '1.2'],
  [1.3, '1.3'],
])('%j is a version of TLS', (min_version, version) => {
  expect(serverSchema.parse({ tls: { min_version } }).tls.min_version).toBe(version);
});

test.each(['1.1', 1, 'TLSv1.2', ''])('%j is none', (min_version) => {
  expect(serverSchema.safeParse({ tls: { min_version } }).error?.issues[0]?.message).toContain('not a version of TLS');
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
