import { expect, test } from 'vitest';
import { idleLimitOf } from '../../src/wire/keep-alive.ts';

test.each([
  ['timeout=5', 4000],
  ['timeout=5, max=100', 4000],
  ['max=100, timeout=5', 4000],
  ['max=100;timeout=5', 4000],
  ['Timeout = "60"', 59_000],
  ['timeout=1', 0],
  ['timeout=0', -1000],
  ['timeout=999999', 999_998_000],
])('%s lets a connection idle for %d ms: a second less than the upstream says', (params, ms) => {
  expect(idleLimitOf(params)).toBe(ms);
});

test.each(['', 'max=5', 'timeout', 'timeout=', 'timeout=x', 'x-timeout=5', 'timeout=-5'])('%j says nothing', (params) => {
  expect(idleLimitOf(params)).toBe(Number.POSITIVE_INFINITY);
});
