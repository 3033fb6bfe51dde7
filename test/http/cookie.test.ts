import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cookieValue } from '../../src/http/cookie.ts';
import { Headers } from '../../src/http/headers.ts';

function value(name: string, ...lines: string[]): string | undefined {
  return cookieValue(Headers.from(lines.map((line) => ['Cookie', line])), name);
}

test.each<[string, string | undefined]>([
  ['a=1', '1'],
  ['b=2; a=1; c=3', '1'],
  ['b=2;a=1', '1'],
  ['a=1; a=2', '1'],
  ['  a = 1 ;', '1'],
  ['a="1 2"', '1 2'],
  ['a=""', ''],
  ['a="', '"'],
  ['a="1', '"1'],
  ['a=', ''],
  ['a=1=2==', '1=2=='],
  ['a=%41', '%41'],
  ['a', undefined],
  ['a; a=1', '1'],
  ['A=1', undefined],
  ['aa=1; xa=2', undefined],
  ['b="; a=1"', '1"'],
  ['=a; a=1', '1'],
  [';;;a=1', '1'],
  ['', undefined],
])('in %j, a is %j', (line, expected) => {
  expect(value('a', line)).toBe(expected);
});

test('the lines of several fields are looked through one by one', () => {
  expect(value('a', 'b=1', 'c=2; a=3')).toBe('3');
  expect(value('b', 'b=1', 'a=3')).toBe('1');
});

test('no cookies, no value', () => {
  expect(value('a')).toBeUndefined();
});

test('what is written is read', () => {
  const name = fc.stringMatching(/^[a-z!#$%&'*+.^_`|~-]{1,5}$/);
  const content = fc.stringMatching(/^[!#-+\x2d-:<-[\]-~]{0,8}$/);
  const pairs = fc.uniqueArray(fc.tuple(name, content, fc.boolean()), { selector: ([one]) => one, maxLength: 6 });
  fc.assert(
    fc.property(pairs, (list) => {
      const line = list.map(([one, text, quoted]) => `${one}=${quoted ? `"${text}"` : text}`).join('; ');
      for (const [one, text] of list) expect(value(one, line)).toBe(text);
      expect(value('absent', line)).toBeUndefined();
    }),
  );
});
