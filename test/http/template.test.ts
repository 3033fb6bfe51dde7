import { describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import type { Identity } from '../../src/http/identity.ts';
import { parseTemplate, template, templateParams } from '../../src/http/template.ts';
import { type Asking, exchangeOf } from '../support/exchanges.ts';

const ALICE: Identity = {
  method: 'jwt',
  subject: 'zoë',
  consumer: 'alice',
  groups: [],
  scopes: [],
  claims: {
    sub: 'zoë',
    level: 3,
    list: ['a'],
    admin: true,
    evil: 'a\r\nX: y',
    'https://x.example/level': 1,
    org: { unit: { name: 'ops' } },
  },
};

function filled(text: string, asking: Asking = {}, identity: Identity | undefined = ALICE): string | undefined {
  const exchange = exchangeOf({ authority: 'a.example:8080', target: '/p/7?q=1%0d%0aX&e=%C3%A9', ...asking });
  exchange.requestId = 'ID';
  exchange.routeId = 'users';
  exchange.identity = identity;
  exchange.params = { id: '7' };
  return template(text)(exchange);
}

describe('A template', () => {
  test.each([
    ['plain', 'plain'],
    ['{{x}}', '{x}'],
    ['{client_ip}', '192.0.2.7'],
    ['{request_id}/{route}/{id}', 'ID/users/7'],
    ['{host} {method} {path} {scheme}', 'a.example GET /p/7 http'],
    ['{header:X-A}', 'one'],
    ['{cookie:c}', 'two'],
    ['{consumer}:{jwt:level}:{jwt:admin}', 'alice:3:true'],
    ['{jwt:org.unit.name}{jwt:https://x.example/level}', 'ops1'],
    ['{client_cert:cn}', 'carol'],
    ['{client_cert:san}', 'DNS:c.example, URI:spiffe://c'],
  ])('%s is filled in', (text, expected) => {
    const headers = Headers.from([
      ['x-a', 'one'],
      ['cookie', 'c=two'],
    ]);
    const certificate = {
      subject: 'CN=carol',
      commonName: 'carol',
      names: ['DNS:c.example', 'URI:spiffe://c'],
      fingerprint: 'ab',
      notAfter: 0,
    };
    expect(filled(text, { headers, peer: { certificate } })).toBe(expected);
  });

  test.each(['{header:x-none}', 'a-{query:none}', '{nobody}', '{jwt:list}', '{jwt:none}', '{client_cert:cn}'])(
    '%s is not there when what it names is not',
    (text) => expect(filled(text)).toBeUndefined(),
  );

  test('says nothing of an identity that was not proved', () => {
    const exchange = exchangeOf();
    expect(['{consumer}', '{user}', '{jwt:sub}'].map((text) => template(text)(exchange))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('cannot end a line', () => {
    expect(filled('{query:q}|{jwt:evil}')).toBe('1%0D%0AX|a%0D%0AX: y');
  });

  test('writes what is not ASCII as the bytes of UTF-8', () => {
    expect(Buffer.from(filled('{user} {query:e}') ?? '', 'latin1').toString('utf8')).toBe('zoë é');
  });

  test('leaves the bytes of a field as they were', () => {
    expect(filled('{header:x-a}', { headers: Headers.from([['x-a', 'caf\xe9']]) })).toBe('caf\xe9');
  });

  test.each([
    ['{', /alone/],
    ['a}', /alone/],
    ['{}', /not a name/],
    ['{a b}', /not a name/],
    ['{nothing:x}', /there is no "{nothing:x}"/],
    ['{header:}', /not a field name/],
    ['{header:a b}', /not a field name/],
    ['{query:}', /without a name/],
    ['{client_cert:key}', /client_cert has subject/],
  ])('%s is refused', (text, problem) => {
    expect(parseTemplate(text)).toMatch(problem);
    expect(() => template(text)).toThrow(problem);
  });

  test('tells which parameters of the path it needs', () => {
    expect(templateParams('/a/{id}/{rest}/{host}/{header:x}')).toEqual(['id', 'rest']);
    expect(templateParams('{')).toEqual([]);
  });
});
