import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { type Keys, keyReader, parseKeys } from '../../src/http/exchange-key.ts';
import { Headers } from '../../src/http/headers.ts';
import { exchangeOf } from '../support/exchanges.ts';

function parsed(written: string | readonly string[]): Keys {
  const keys = parseKeys(written);
  if (typeof keys === 'string') throw new Error(keys);
  return keys;
}

function key(written: string | readonly string[], exchange: Exchange): string | undefined {
  return keyReader(parsed(written))(exchange);
}

function asking(fields: Record<string, string>, target = '/'): Exchange {
  return Object.assign(exchangeOf({ headers: Headers.from(Object.entries(fields)), target }), { routeId: 'users' });
}

describe('A key that is written', () => {
  test('is plain data, which threads can be sent', () => {
    const keys = parsed(['header:X-User+ip', 'global']);
    expect(keys).toEqual([[{ from: 'header', name: 'x-user' }, { from: 'ip' }], [{ from: 'global' }]]);
    expect(structuredClone(keys)).toEqual(keys);
  });

  test.each([
    ['form:user', 'the key "form:user" stands in the body, which is not read for this: only rate limits can count by it'],
    ['jwt:', 'not the name of a claim: ""'],
    ['jwt', 'there is no key "jwt"'],
    ['consumers', 'there is no key "consumers"; did you mean "consumer"?'],
    ['{client_ip', 'a { alone: braces stand around a name, and doubled for themselves'],
    ['{heder:a}', 'there is no "{heder:a}"'],
    ['{{all}}', 'the template "{{all}}" names nothing: all would have one key'],
    ['', 'there is no key ""'],
    ['ip+', 'there is no key ""'],
    ['ip + route', 'there is no key "ip "; did you mean "ip"?'],
    ['IP', 'there is no key "IP"; did you mean "ip"?'],
    ['header', 'there is no key "header"'],
    ['heder:a', 'there is no key "heder:a"'],
    ['header:', 'not the name of a header: ""'],
    ['header:a b', 'not the name of a header: "a b"'],
    ['cookie:a=b', 'not the name of a cookie: "a=b"'],
    ['query:', 'not the name of a query: ""'],
  ])('as %j is wrong', (written, message) => {
    expect(parseKeys(written)).toBe(message);
    expect(parseKeys(['ip', written])).toBe(message);
  });

  test('is at least one', () => {
    expect(parseKeys([])).toMatch(/empty list/);
  });
});

describe('The key of an exchange', () => {
  test.each([
    ['ip', 'ip=192.0.2.7'],
    ['route', 'route=users'],
    ['global', 'global=all'],
    ['header:x-user', 'header:x-user=Ann'],
    ['header:X-USER', 'header:x-user=Ann'],
    ['query:q', 'query:q=a b'],
    ['query:a=b', 'query:a%3Db=7'],
    ['cookie:sid', 'cookie:sid=5'],
    ['ip+header:X-User', 'ip+header:x-user=9:192.0.2.73:Ann'],
  ])('by %s is %s', (written, expected) => {
    expect(key(written, asking({ 'X-User': 'Ann', Cookie: 'sid="5"' }, '/?q=a+b&a%3db=7'))).toBe(expected);
  });

  test('has the address that policies see', () => {
    const exchange = asking({});
    exchange.clientAddress = '2001:db8::1';
    expect(key('ip', exchange)).toBe('ip=2001:db8::1');
  });

  test.each(['header:x-user', 'query:q', 'cookie:sid', 'ip+cookie:sid', 'header:x-empty', 'query:e', 'header:x-empty+ip'])(
    'by %s is none when nothing is there',
    (written) => {
      expect(key(written, asking({ 'X-Empty': '' }, '/?e='))).toBeUndefined();
    },
  );

  test('is the first of a list that is there', () => {
    const list = ['header:x-user+cookie:sid', 'query:q', 'ip'];
    expect(key(list, asking({ 'X-User': 'a', Cookie: 'sid=1' }, '/?q=1'))).toMatch(/^header:x-user\+cookie:sid=/);
    expect(key(list, asking({ 'X-User': 'a' }, '/?q=1'))).toBe('query:q=1');
    expect(key(list, asking({ 'X-User': 'a' }))).toBe('ip=192.0.2.7');
    expect(key(list.slice(0, 2), asking({}))).toBeUndefined();
  });

  test('of one header is not what another, or an address, would give', () => {
    const exchange = asking({ 'X-User': '192.0.2.7', 'X-Team': '192.0.2.7' });
    const keys = ['ip', 'header:x-user', 'header:x-team'].map((written) => key(written, exchange));
    expect(new Set(keys).size).toBe(3);
  });

  test('is the same only for the same values of the same parts', () => {
    const text = fc.stringMatching(/^[ab|:+=1-3]{1,4}$/);
    const written = fc.constantFrom(
      ...['header:a+header:b', 'header:b+header:a', 'header:a', 'query:a+b', 'header:a+header:b+header:a'].filter(
        (one) => typeof parseKeys(one) !== 'string',
      ),
    );
    const one = fc.tuple(written, text, text);
    fc.assert(
      fc.property(one, one, (first, second) => {
        const [a, b] = [first, second].map(([of, x, y]) => key(of, asking({ A: x, B: y })));
        const same = first[0] === second[0] && first[1] === second[1] && (first[0] === 'header:a' || first[2] === second[2]);
        expect(a === b).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  test('a|b and c are not a and b|c', () => {
    const both = 'header:a+header:b';
    expect(key(both, asking({ A: 'a|b', B: 'c' }))).not.toBe(key(both, asking({ A: 'a', B: 'b|c' })));
    expect(key(both, asking({ A: '1:a', B: 'b' }))).not.toBe(key(both, asking({ A: '1', B: 'ab' })));
  });
});
