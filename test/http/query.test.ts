import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queryValue } from '../../src/http/query.ts';

function value(name: string, target: string): string | undefined {
  return queryValue(target, Buffer.from(name));
}

test.each<[string, string | undefined]>([
  ['/', undefined],
  ['/?', undefined],
  ['/a=1', undefined],
  ['/?a=1', '1'],
  ['/?b=2&a=1&a=3', '1'],
  ['/?a', ''],
  ['/?a&b', ''],
  ['/?b&a=', ''],
  ['/?a=1=2?3', '1=2?3'],
  ['/?&&a=1', '1'],
  ['/?ab=1&ba=2', undefined],
  ['/?A=1', undefined],
  ['/?%61=1', '1'],
  ['/?%6=1&%6', undefined],
  ['/?a=x+y%2Bz%26', 'x y+z&'],
  ['/?a=%E2%82%ac', '€'],
  ['/?a=%ff%41', '\ufffdA'],
  ['/?a=%', '%'],
  ['/?a=%4&b', '%4'],
  ['/?a=%zz%41', '%zzA'],
  ['/?a%=1', undefined],
])('in %s, a is %j', (target, expected) => {
  expect(value('a', target)).toBe(expected);
});

test.each([
  ['a b', '/?a+b=1'],
  ['a b', '/?a%20b=1'],
  ['€', '/?%E2%82%AC=1'],
  ['a=b', '/?a%3Db=1'],
  ['a&b', '/?a%26b=1'],
  ['a+b', '/?a%2bb=1'],
])('%j is found in %s', (name, target) => {
  expect(value(name, target)).toBe('1');
});

test('any query is read as URLSearchParams reads it', () => {
  const piece = fc.constantFrom('a', 'b', '=', '&', '+', '%', '%41', '%61', '%c3%a4', '%C3', '%2', '%26', '%3d', '?', '/', ';');
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 14 }),
      fc.constantFrom('a', 'b', 'ab', 'ä', 'A', 'a b', '%', '='),
      (pieces, name) => {
        const query = pieces.join('');
        expect(value(name, `/path?${query}`)).toBe(new URLSearchParams(`?${query}`).get(name) ?? undefined);
      },
    ),
    { numRuns: 3000 },
  );
});
