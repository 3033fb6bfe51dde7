import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../src/http/exchange.ts';
import { Reply } from '../../../src/http/reply.ts';
import { forwarding } from '../../../src/layers/forwarding/layer.ts';
import { arrived } from '../../support/arrived.ts';
import { type Asking, exchangeOf } from '../../support/exchanges.ts';

function forward(asking: Asking = {}, preserve_host = true, host?: string): Exchange {
  const exchange = exchangeOf({ authority: 'a.example', peer: { address: '192.0.2.9' }, ...asking });
  exchange.requestId = 'ID';
  forwarding({ preserve_host, host })(() => new Reply(200))(exchange);
  return exchange;
}

const fields = (exchange: Exchange) =>
  Object.fromEntries(
    exchange.headers
      .lines()
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(': ', 2)),
  );

describe('A request on its way to an upstream', () => {
  test('says who asked, for what, through whom and under which id', () => {
    expect(fields(forward())).toEqual({
      'X-Forwarded-For': '192.0.2.9',
      'X-Forwarded-Host': 'a.example',
      'X-Forwarded-Proto': 'http',
      Forwarded: 'for=192.0.2.9;proto=http;host=a.example',
      Via: '1.1 sluice',
      'X-Request-ID': 'ID',
    });
  });

  test.each<[string, Asking, Record<string, string>]>([
    ['over TLS', { scheme: 'https' }, { 'X-Forwarded-Proto': 'https', Forwarded: 'for=192.0.2.9;proto=https;host=a.example' }],
    ['by HTTP/1.0', { minor: 0 }, { Via: '1.0 sluice' }],
    [
      'from IPv6',
      { peer: { address: '2001:db8::1' } },
      { 'X-Forwarded-For': '2001:db8::1', Forwarded: 'for="[2001:db8::1]";proto=http;host=a.example' },
    ],
    [
      'from a zone of ours',
      { peer: { address: 'fe80::1%eth0' } },
      { 'X-Forwarded-For': 'fe80::1', Forwarded: 'for="[fe80::1]";proto=http;host=a.example' },
    ],
    ['with a port', { authority: 'a:81' }, { 'X-Forwarded-Host': 'a:81', Forwarded: 'for=192.0.2.9;proto=http;host="a:81"' }],
    [
      'to an IPv6 host',
      { authority: '[::1]' },
      { 'X-Forwarded-Host': '[::1]', Forwarded: 'for=192.0.2.9;proto=http;host="[::1]"' },
    ],
  ])('%s says so', (_, asking, expected) => {
    expect(fields(forward(asking))).toMatchObject(expected);
  });

  test('without a host says nothing about one', () => {
    const all = fields(forward({ authority: '' }));
    expect(all).not.toHaveProperty('X-Forwarded-Host');
    expect(all['Forwarded']).toBe('for=192.0.2.9;proto=http');
  });

  test('keeps the Via of those before', () => {
    expect(forward({ headers: arrived('Via: 1.0 b') }).headers.get('via')).toBe('1.0 b, 1.1 sluice');
  });
});

const CLAIMS = [
  'X-Forwarded-For: 203.0.113.1',
  'X-Forwarded-For: 203.0.113.2',
  'Forwarded: for=203.0.113.1',
  'X-Forwarded-Host: b.example',
  'X-Forwarded-Proto: https',
  'X-Request-ID: theirs',
  'X-Real-IP: 203.0.113.1',
  'X-Forwarded-Port: 443',
];

describe('What a client claims', () => {
  test('is dropped when nobody trusts it', () => {
    const exchange = forward({ headers: arrived(...CLAIMS, 'X-Other: kept') });
    expect(fields(exchange)).toEqual({
      'X-Other': 'kept',
      'X-Forwarded-For': '192.0.2.9',
      'X-Forwarded-Host': 'a.example',
      'X-Forwarded-Proto': 'http',
      Forwarded: 'for=192.0.2.9;proto=http;host=a.example',
      Via: '1.1 sluice',
      'X-Request-ID': 'ID',
    });
  });

  test('is continued when it is a trusted proxy', () => {
    const exchange = forward({ headers: arrived(...CLAIMS), peer: { address: '192.0.2.9', trusted: true } });
    expect(fields(exchange)).toEqual({
      'X-Real-IP': '203.0.113.1',
      'X-Forwarded-Port': '443',
      'X-Forwarded-For': '203.0.113.1, 203.0.113.2, 192.0.2.9',
      'X-Forwarded-Host': 'b.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'for=203.0.113.1, for=192.0.2.9;proto=http;host=a.example',
      Via: '1.1 sluice',
      'X-Request-ID': 'ID',
    });
  });

  test('by a trusted proxy that says nothing is the same as for anyone', () => {
    const exchange = forward({ headers: arrived('X-Forwarded-For:'), peer: { address: '192.0.2.9', trusted: true } });
    expect(exchange.headers.get('x-forwarded-for')).toBe('192.0.2.9');
  });
});

describe('Host', () => {
  test('stays the client’s', () => {
    const exchange = forward({ headers: arrived('Host: a.example') });
    expect([exchange.headers.get('host'), exchange.authority]).toEqual(['a.example', 'a.example']);
  });

  test('is left to the endpoint when that is configured, and the client’s is told beside it', () => {
    const exchange = forward({ headers: arrived('Host: a.example') }, false);
    expect([exchange.headers.get('host'), exchange.authority, exchange.headers.get('x-forwarded-host')]).toEqual([
      undefined,
      '',
      'a.example',
    ]);
  });

  test.each([
    ['a host', 'a.example', 'Host: a.example'],
    ['a host with a port', 'a.example:8080', 'Host: a.example:8080'],
    ['an address', '[2001:db8::1]:8080', 'Host: [2001:db8::1]:8080'],
    ['another than its target', 'target.example', 'Host: field.example'],
    ['none, in HTTP/1.0', '', 'X-A: b'],
  ])('is replaced for %s, and the client’s is told beside it', (_, authority, field) => {
    for (const preserve of [true, false]) {
      const exchange = forward({ authority, headers: arrived(field) }, preserve, 'users.internal:81');
      // The head of the request begins with the authority where no field says another.
      expect([exchange.authority, exchange.headers.has('host')]).toEqual(['users.internal:81', false]);
      const all = fields(exchange);
      expect(all['X-Forwarded-Host']).toBe(authority === '' ? undefined : authority);
      const quoted = /^[\w.-]+$/.test(authority) ? authority : `"${authority}"`;
      expect(all['Forwarded']).toBe(`for=192.0.2.9;proto=http${authority === '' ? '' : `;host=${quoted}`}`);
    }
  });

  test('is replaced behind a trusted proxy too, whose word about it stays', () => {
    const headers = arrived('Host: a.example', 'X-Forwarded-Host: first.example');
    const exchange = forward({ headers, peer: { address: '192.0.2.9', trusted: true } }, true, 'users.internal');
    expect([exchange.authority, exchange.headers.get('x-forwarded-host')]).toEqual(['users.internal', 'first.example']);
  });
});
