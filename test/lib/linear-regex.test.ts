import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinearRegex, linearRegex } from '../../src/lib/linear-regex.ts';

function compile(text: string): LinearRegex {
  const regex = linearRegex(text);
  if (typeof regex === 'string') throw new Error(regex);
  return regex;
}

describe('A linear regular expression', () => {
  test('is found anywhere unless it is bound', () => {
    expect([
      compile('b+').test('abc'),
      compile('^b').test('abc'),
      compile('^[0-9]+$').test('12'),
      compile('^[0-9]+$').test('12\n'),
    ]).toEqual([true, false, true, false]);
  });

  test('gives what its named groups hold, and leaves out those that took no part', () => {
    const regex = compile('^/(?<a>[a-z]+)(?:-(?<b>\\d+))?/(c)$');
    expect(regex.names).toEqual(['a', 'b']);
    expect(regex.groups('/x-12/c')).toEqual([
      ['a', 'x'],
      ['b', '12'],
    ]);
    expect(regex.groups('/x/c')).toEqual([['a', 'x']]);
    expect(regex.groups('/x/d')).toBeUndefined();
  });

  test.each([
    ['(', /not a regular expression \(RE2 syntax\): /],
    ['[a', /missing closing \]/],
    ['a(?=b)', /lookahead/],
    ['(?<!a)b', /lookbehind/],
    ['(a)\\1', /backreferences/],
    ['(?<a>b)\\k<a>', /backreferences/],
    ['(?<a>b)(?<a>c)', /duplicate/],
    ['a{2000}', /repeat count/],
    ['^[z-a]+$', /not a regular expression/],
    ['^[a-z]{3,2}$', /not a regular expression/],
    ['(?:(?:a{30}){30}b{100}){1,1}c{1000}d{1000}e{1000}f{1000}g{1000}', /too large/],
    ['a'.repeat(1001), /at most 1000 characters/],
  ])('is not %s', (text, why) => {
    expect(linearRegex(text)).toMatch(why);
  });

  test('takes time that grows with the text, whatever the text', () => {
    const text = `${'a'.repeat(8192)}!`;
    const started = performance.now();
    for (const evil of ['^(a+)+$', '^(a|aa)+$', '(a*)*b', '^(\\w+\\s?)*$']) expect(compile(evil).test(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('answers for one class of characters as for the same in parentheses, which the other engine does', () => {
    const atom = fc.constantFrom('[0-9]', '\\d', '\\w', '[a-z_-]', '[A-Za-z0-9]', '[a.~]', '[-]', '[z]');
    const times = fc.constantFrom('+', '{2}', '{1,3}', '{0}', '{0,2}');
    const text = fc.string({ unit: fc.constantFrom('a', 'z', 'Z', '0', '9', '_', '-', '.', '~', '\n', 'ä', 'ſ', '٣', '') });
    fc.assert(
      fc.property(atom, times, text, (atom, times, text) => {
        expect(compile(`^${atom}${times}$`).test(text)).toBe(compile(`^(?:(?:${atom}))${times}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('of any text is one, or is refused in words', () => {
    const piece = fc.oneof(
      fc.constantFrom('(', ')', '[', ']', '\\', '{9', '}', '?', '*', '+', '|', '(?<a>', '(?P=', '^', '$'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), fc.string(), (pieces, text) => {
        const regex = linearRegex(pieces.join(''));
        if (regex instanceof LinearRegex) expect(regex.groups(text) !== undefined).toBe(regex.test(text));
        else expect(regex.length).toBeGreaterThan(10);
      }),
      { numRuns: 2000 },
    );
  });
});
