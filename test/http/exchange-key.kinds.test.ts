import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { type Keys, keyReader, keysUse, parseKeys, resolveTenant } from '../../src/http/exchange-key.ts';
import { Headers } from '../../src/http/headers.ts';
import type { Identity } from '../../src/http/identity.ts';
import { exchangeOf } from '../support/exchanges.ts';

function parsed(written: string | readonly string[]): Keys {
  const keys = parseKeys(written, { form: true });
  if (typeof keys === 'string') throw new Error(keys);
  return keys;
}

const key = (written: string, exchange: Exchange, ipv6Prefix?: number) => keyReader(parsed(written), { ipv6Prefix })(exchange);

const identity = (some: Partial<Identity>): Identity => ({
  method: 'jwt',
  subject: undefined,
  consumer: undefined,
  groups: [],
  scopes: [],
  claims: {},
  ...some,
});

function asking(fields: Record<string, string> = {}, some: Partial<Exchange> = {}): Exchange {
  return Object.assign(exchangeOf({ headers: Headers.from(Object.entries(fields)) }), some);
}

const authorization = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('A key of who asks', () => {
  const alice = identity({ method: 'jwt', subject: 'al', consumer: 'alice', claims: { sub: 'al', tier: 3, parts: ['x'] } });

  test.each([
    ['consumer', 'consumer=alice'],
    ['jwt:sub', 'jwt:sub=al'],
    ['jwt:tier', 'jwt:tier=3'],
    ['jwt:parts', undefined],
    ['jwt:toString', undefined],
    ['consumer+jwt:tier', 'consumer+jwt:tier=5:alice1:3'],
  ])('by %s is %s', (written, expected) => {
    expect(key(written, asking({}, { identity: alice }))).toBe(expected);
  });

  test.each(['consumer', 'jwt:sub', 'client_cert'])('by %s is none when nothing was proved', (written) => {
    const claims = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"al"}')}.`;
    expect(key(written, asking({ Authorization: `Bearer ${claims}` }))).toBeUndefined();
  });

  test('by certificate is its fingerprint', () => {
    const certificate = { subject: 'CN=a', commonName: 'a', names: [], fingerprint: 'ab12', notAfter: 0 };
    expect(key('client_cert', exchangeOf({ peer: { certificate } }))).toBe('client_cert=ab12');
  });

  test('by basic is the user as the client says it, or as it was proved', () => {
    const claimed = authorization('bob:secret');
    expect(key('basic', asking(claimed))).toBe('basic=bob');
    expect(key('basic', asking(claimed, { identity: identity({ method: 'basic', subject: 'ann' }) }))).toBe('basic=ann');
    expect(key('basic', asking({}, { identity: identity({ method: 'basic', subject: 'ann' }) }))).toBe('basic=ann');
    expect(key('basic', asking({ Authorization: 'Bearer x' }))).toBeUndefined();
  });
});

describe('A key of where it goes', () => {
  test.each([
    ['Example.test:8080', 'host=example.test'],
    ['[::1]:80', 'host=[::1]'],
    ['', undefined],
  ])('with the host %j is %s', (authority, expected) => {
    expect(key('host', asking({}, { authority }))).toBe(expected);
  });

  test('tenant is what the configuration says it is, and nothing before', () => {
    const keys = parsed(['tenant+ip', 'tenant', 'ip']);
    const exchange = asking({ 'X-Tenant': 'acme' });
    expect(keysUse(keys, 'tenant')).toBe(true);
    expect(keyReader(keys)(exchange)).toBe('ip=192.0.2.7');
    const byHeader = resolveTenant(keys, { kind: 'header', name: 'x-tenant' });
    expect(keyReader(byHeader)(exchange)).toBe('header:x-tenant+ip=4:acme9:192.0.2.7');
    expect(keyReader(resolveTenant(keys, { kind: 'host' }))(exchange)).toBe('host+ip=12:example.test9:192.0.2.7');
    expect(keysUse(byHeader, 'tenant')).toBe(false);
  });
});

describe('A key of a form', () => {
  test('is a field of it, once somebody has read it', () => {
    const form = new URLSearchParams('user=ann&user=bob&empty=');
    expect(key('form:user', asking({}, { form }))).toBe('form:user=ann');
    expect(key('form:empty', asking({}, { form }))).toBeUndefined();
    expect(key('form:other', asking({}, { form }))).toBeUndefined();
    expect(key('form:user', asking())).toBeUndefined();
  });

  test.each(['form:', 'form:a+form:'])('%j has no name', (written) => {
    expect(parseKeys(written, { form: true })).toBe('not the name of a form: ""');
  });
});

describe('A key by address', () => {
  const from = (clientAddress: string) => asking({}, { clientAddress });

  test('counts a network of IPv6 as one client, where that is asked for', () => {
    expect(key('ip', from('2001:db8:1:2:3::9'), 64)).toBe('ip=2001:db8:1:2::/64');
    expect(key('ip+route', Object.assign(from('2001:db8:1:2:3::9'), { routeId: 'a' }), 48)).toBe(
      'ip+route=15:2001:db8:1::/481:a',
    );
    expect(key('ip', from('2001:db8:1:2:3::9'))).toBe('ip=2001:db8:1:2:3::9');
  });

  test('does so within a template too', () => {
    const text = '{client_ip}';
    expect(key(text, from('2001:db8::9'), 64)).toBe('template:%7Bclient_ip%7D=2001:db8::/64');
    expect(key(text, from('2001:db8::9'))).toBe('template:%7Bclient_ip%7D=2001:db8::9');
  });
});

describe('A key that is a template', () => {
  const text = '{header:x-tenant}+{client_ip}: {query:q}';
  const label = `template:${encodeURIComponent(text)}`;

  test('may hold + and :, and is one key as a whole', () => {
    const exchange = Object.assign(exchangeOf({ headers: Headers.from([['X-Tenant', 'acme']]), target: '/?q=5' }));
    expect(parsed(text)).toEqual([[{ from: 'template', text }]]);
    expect(key(text, exchange)).toBe(`${label}=4:acme9:192.0.2.71:5`);
    expect(keyReader(parsed(['header:x-none', text]))(exchange)).toBe(`${label}=4:acme9:192.0.2.71:5`);
  });

  test('is none when something that it names is not there', () => {
    expect(key(text, exchangeOf({ headers: Headers.from([['X-Tenant', 'acme']]) }))).toBeUndefined();
  });

  test('is the same only for the same values', () => {
    const value = fc.stringMatching(/^[ab:0-3]{1,4}$/);
    const pair = fc.tuple(value, value);
    fc.assert(
      fc.property(pair, pair, (first, second) => {
        const [a, b] = [first, second].map(([x, y]) => key('{header:a}{header:b}', asking({ A: x, B: y })));
        expect(a === b).toBe(first[0] === second[0] && first[1] === second[1]);
      }),
      { numRuns: 500 },
    );
  });

  test('that is no template any more is a fault of ours', () => {
    expect(() => keyReader([[{ from: 'template', text: '{' }]])).toThrow('a { alone');
  });
});
