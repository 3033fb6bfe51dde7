import fc from 'fast-check';
import { expect, test } from 'vitest';
import { regexPrefix } from '../../src/config/regex-prefix.ts';

test.each([
  ['^/raw/(?<x>[0-9]+)$', ['raw']],
  ['^/a/b/c', ['a', 'b']],
  ['^/a/b/', ['a', 'b']],
  ['^/a', []],
  ['^/', []],
  ['/a/b', []],
  ['(?i)^/a/b', []],
  ['^/a/?b', []],
  ['^/a/*b', []],
  ['^/a/+b', []],
  ['^/a/{2}b', []],
  ['^/a/b+/c', ['a']],
  ['^/a.b/c', []],
  ['^/a/b|^/c', []],
  ['^/a/(b|c)$', ['a']],
  ['^/a/[|]$', ['a']],
  ['^/a/\\|$', ['a']],
  ['^/a/\\Q|\\E', []],
  ['^/a/[[:alpha:]|]|/b', []],
])('%s begins with %j', (text, segments) => {
  expect(regexPrefix(text)).toEqual(segments);
});

test('whatever an expression matches begins with its prefix', () => {
  const piece = fc.constantFrom('/', 'a', 'b', '?', '*', '+', '|', '(', ')', '[ab]', '\\|', '.', '{2}', '$');
  const path = fc
    .array(fc.constantFrom('a', 'b', 'ab', ''), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`);
  const start = fc.constantFrom('', 'a', 'a/', 'b/', 'ab/a/');
  let matched = 0;
  fc.assert(
    fc.property(
      fc.tuple(start, fc.array(piece, { maxLength: 5 })),
      fc.array(path, { minLength: 5, maxLength: 20 }),
      ([start, pieces], paths) => {
        const text = `^/${start}${pieces.join('')}`;
        const prefix = regexPrefix(text);
        let regex: RegExp;
        try {
          regex = new RegExp(text);
        } catch {
          return;
        }
        for (const one of paths.filter((each) => prefix.length > 0 && regex.test(each))) {
          matched += 1;
          expect(`${one}/`.startsWith(`/${prefix.join('/')}/`)).toBe(true);
        }
      },
    ),
    { numRuns: 5000 },
  );
  expect(matched).toBeGreaterThan(100);
});
