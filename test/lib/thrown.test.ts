import { expect, test } from 'vitest';
import { thrownText } from '../../src/lib/thrown.ts';

test.each<[unknown, string]>([
  [new RangeError('too far'), 'RangeError: too far'],
  ['x', "'x'"],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [Object.create(null), '[Object: null prototype] {}'],
  [{ a: { b: 1 }, c: 'd' }, "{ a: [Object], c: 'd' }"],
])('%o is told in words', (thrown, text) => {
  expect(thrownText(thrown)).toBe(text);
});
