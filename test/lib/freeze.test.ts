import { expect, test } from 'vitest';
import { deepFreeze } from '../../src/lib/freeze.ts';

test('everything inside is frozen, lists too, and it is the same value', () => {
  const value = { a: [{ b: 1 }], c: { d: null } };
  const frozen = deepFreeze(value);
  expect(frozen).toBe(value);
  for (const part of [value, value.a, value.a[0], value.c]) expect(Object.isFrozen(part)).toBe(true);
});

test('what is frozen only outside is frozen inside as well', () => {
  const value = Object.freeze({ a: { b: 1 } });
  expect(Object.isFrozen(deepFreeze(value).a)).toBe(true);
});

test('a value that contains itself comes to an end', () => {
  const value: { self?: unknown } = {};
  value.self = value;
  expect(Object.isFrozen(deepFreeze(value))).toBe(true);
});

test.each([null, undefined, 1, 'text', true])('%s is given back', (value) => {
  expect(deepFreeze(value)).toBe(value);
});
