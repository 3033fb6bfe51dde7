import { describe, expect, test } from 'vitest';
import { formatAddress, isLoopback, isWildcard, parseAddress, parseEndpoint, readIp } from '../../src/lib/address.ts';

describe('An address', () => {
  test.each([
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:80', '::1', 80],
    ['[::]:65535', '::', 65535],
    ['[2001:DB8:0:0::1]:80', '2001:db8::1', 80],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1', 80],
    ['LocalHost:80', 'localhost', 80],
    ['users.internal.:80', 'users.internal.', 80],
    ['users_v2-a.internal:80', 'users_v2-a.internal', 80],
  ])('%s is a host and a port', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  test.each([
    [':8080', /0\.0\.0\.0:8080/],
    ['localhost', /port is missing/],
    ['localhost:', /not an address/],
    ['localhost:65536', /no port 65536/],
    ['localhost:123456', /not an address/],
    ['localhost:-1', /not an address/],
    ['localhost:80 ', /not an address/],
    ['a b:80', /not an address/],
    ['::1:80', /brackets/],
    ['[::1:80', /not an address/],
    ['[::g]:80', /not an address/],
    ['[1::2::3]:80', /not a host/],
    ['user@host:80', /not an address/],
    ['http://localhost:80', /not an address/],
    ['unix:/run/sluice.sock', /not in this version/],
    ['256.0.0.1:80', /not a host/],
    ['1.2.3.4.5:80', /not a host/],
    ['-a:80', /not a host/],
    ['a..b:80', /not a host/],
    ['', /not an address/],
  ])('%j is none, and it is said why', (text, why) => {
    expect(parseAddress(text)).toMatch(why);
  });

  test.each(['127.1:80', '0x7f000001:80', '2130706433:80', '0177.0.0.1:80'])(
    '%s is refused: it would pass for another address than 127.0.0.1',
    (text) => {
      expect(parseAddress(text)).toMatch(/short for 127\.0\.0\.1/);
    },
  );

  test.each(['127.0.0.1:80', '[::1]:80', 'localhost:80'])('%s is written as it was read', (text) => {
    const address = parseAddress(text);
    expect(typeof address === 'string' ? address : formatAddress(address)).toBe(text);
  });
});

describe('An endpoint', () => {
  test.each([
    ['users:3001', { host: 'users', port: 3001, tls: undefined }],
    ['http://users', { host: 'users', port: 80, tls: false }],
    ['https://users', { host: 'users', port: 443, tls: true }],
    ['HTTPS://Users:8443/', { host: 'users', port: 8443, tls: true }],
    ['http://[::1]:3001', { host: '::1', port: 3001, tls: false }],
  ])('may be %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  test.each([
    ['http://users/path', /nothing else/],
    ['http://users?x', /nothing else/],
    ['http://me:secret@users', /nothing else/],
    ['ftp://users', /not an address/],
    ['users:0', /port 0/],
    ['http://127.1', /short for/],
  ])('may not be %s', (text, why) => {
    expect(parseEndpoint(text)).toMatch(why);
  });
});

test.each(['localhost', 'localhost.', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1'])('%s is on this machine', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['localhost.example.com', '128.0.0.1', '::2', '127.example.com'])('%s may be elsewhere', (host) => {
  expect(isLoopback(host)).toBe(false);
});

test('only the two unspecified addresses stand for all', () => {
  expect(['0.0.0.0', '::', '127.0.0.1', '::1'].map(isWildcard)).toEqual([true, true, false, false]);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['::', '::'],
  ['192.0.2.01', undefined],
  ['192.0.2', undefined],
  ['fe80::1%eth0', undefined],
  ['[::1]', undefined],
  ['localhost', undefined],
  ['', undefined],
])('%j is the IP address %s', (text, address) => {
  expect(readIp(text)).toBe(address);
});
