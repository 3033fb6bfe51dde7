import { describe, expect, test } from 'vitest';
import { clientAddress } from '../../src/http/client-address.ts';
import { arrived } from '../support/arrived.ts';

const PEER = '10.0.0.1';
const isTrusted = (address: string) => address.startsWith('10.') || address.startsWith('fd00:');
const clientOf = (...lines: string[]) => clientAddress(arrived(...lines), PEER, isTrusted);

describe('X-Forwarded-For of a trusted proxy', () => {
  test.each([
    ['', PEER],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['192.0.2.1,10.0.0.2 ,\t10.0.0.3', '192.0.2.1'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['203.0.113.66, 192.0.2.1', '192.0.2.1'],
    ['203.0.113.66, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['192.0.2.1:_port', '192.0.2.1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8:0:0::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1, fd00::2', '192.0.2.1'],
    [', 192.0.2.1, , 10.0.0.2,', '192.0.2.1'],
    [',,,', PEER],
    ['unknown', PEER],
    ['192.0.2.1, unknown', PEER],
    ['192.0.2.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['_hidden', PEER],
    ['192.0.2.1, _hidden, 10.0.0.2', '10.0.0.2'],
    ['192.0.2.1, localhost', PEER],
    ['192.0.2.01', PEER],
    ['192.0.2', PEER],
    ['192.0.2.256', PEER],
    ['3221225985', PEER],
    ['192.0.2.1:', PEER],
    ['192.0.2.1:123456', PEER],
    ['192.0.2.1:80:90', PEER],
    ['"192.0.2.1"', PEER],
    ['[192.0.2.1]', PEER],
    ['[2001:db8::1', PEER],
    ['2001:db8::1]:80', PEER],
    ['[2001:db8::1]80', PEER],
    ['fe80::1%eth0', PEER],
    ['192.0.2.1 192.0.2.2', PEER],
    ['192.0.2.1/32', PEER],
    ["192.0.2.1' OR 1", PEER],
  ])('%j: the client is %s', (value, client) => {
    expect(clientOf(`X-Forwarded-For: ${value}`)).toBe(client);
  });

  test('may come in several lines', () => {
    expect(clientOf('X-Forwarded-For: 192.0.2.1', 'X-Forwarded-For: 10.0.0.2')).toBe('192.0.2.1');
  });
});

describe('Forwarded of a trusted proxy', () => {
  test.each([
    ['', PEER],
    ['for=192.0.2.1', '192.0.2.1'],
    ['For=192.0.2.1;proto=https;by=10.0.0.9', '192.0.2.1'],
    ['proto=https; for=192.0.2.1', '192.0.2.1'],
    ['for="192.0.2.1"', '192.0.2.1'],
    ['for="192.0.2.1:80"', '192.0.2.1'],
    ['for="[2001:db8::1]:80"', '2001:db8::1'],
    ['for="[2001:db8::1]:_x"', '2001:db8::1'],
    ['for="\\1\\92.0.2.1"', '192.0.2.1'],
    ['for=192.0.2.1, for=10.0.0.2', '192.0.2.1'],
    ['for=192.0.2.1;host="a,b;c",for=10.0.0.2', '192.0.2.1'],
    ['for=203.0.113.66, for=192.0.2.1, for="10.0.0.2:4711"', '192.0.2.1'],
    ['for=", for=192.0.2.1', '192.0.2.1'],
    ['for="\\", for=192.0.2.1;host="a\\"b,c"', '192.0.2.1'],
    ['for=203.0.113.66;x="\\", for="10.0.0.2"', '10.0.0.2'],
    ['for=unknown', PEER],
    ['for=192.0.2.1, for=unknown', PEER],
    ['for=192.0.2.1, for=_gazonk, for=10.0.0.2', '10.0.0.2'],
    ['for=192.0.2.1, proto=https', PEER],
    ['for=192.0.2.1;for=192.0.2.2', PEER],
    ['for=192.0.2.1:80', PEER],
    ['for=[2001:db8::1]', PEER],
    ['for="2001:db8::1"', PEER],
    ['for=192.0.2.1"', PEER],
    ['for="192.0.2.1', PEER],
    ['for = 192.0.2.1', PEER],
    ['for', PEER],
    ['for=', PEER],
    ['for=""', PEER],
    ['192.0.2.1', PEER],
    ['f or=192.0.2.1', PEER],
  ])('%j: the client is %s', (value, client) => {
    expect(clientOf(`Forwarded: ${value}`)).toBe(client);
  });

  test('is not read beside X-Forwarded-For, which says nothing when it is garbage', () => {
    expect(clientOf('Forwarded: for=203.0.113.66', 'X-Forwarded-For: 192.0.2.1')).toBe('192.0.2.1');
    expect(clientOf('Forwarded: for=203.0.113.66', 'X-Forwarded-For: ?')).toBe(PEER);
  });
});

test('a trusted proxy that says nothing is the client', () => {
  expect(clientOf()).toBe(PEER);
});
