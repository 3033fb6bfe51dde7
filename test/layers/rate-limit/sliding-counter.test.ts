import { expect, test } from 'vitest';
import { SlidingCounters } from '../../../src/layers/rate-limit/sliding-counter.ts';
import { limitBy } from './limits.ts';

const limit = limitBy('sliding_counter', 100, 1000);

function opened(): SlidingCounters {
  const counters = new SlidingCounters();
  counters.grow(1);
  counters.reset(0, limit, 0);
  return counters;
}

test('The window before counts as far as it still reaches in', () => {
  const counters = opened();
  counters.take(0, limit, 80, 900);
  expect([900, 1000, 1250, 1500, 1999, 2000, 5000].map((now) => counters.level(0, limit, now))).toEqual([
    20, 20, 40, 60, 99, 100, 100,
  ]);
});

test.each([
  [80, 50, 900],
  [100, 1, 0],
  [100, 100, 0],
  [100, 100, 999],
  [40, 61, 300],
  [33, 90, 500],
])('after %i it knows when there are %i more: not before, and then', (taken, tokens, now) => {
  const counters = opened();
  counters.take(0, limit, taken, now);
  const wait = counters.until(0, limit, tokens, now);
  expect(counters.level(0, limit, now + wait)).toBeGreaterThanOrEqual(tokens);
  expect(counters.level(0, limit, now + wait - 1)).toBeLessThan(tokens);
});

test('In the second window too', () => {
  const counters = opened();
  counters.take(0, limit, 100, 500);
  counters.take(0, limit, 40, 1500);
  const wait = counters.until(0, limit, 30, 1500);
  expect(wait).toBeCloseTo(200, 1);
  expect(counters.until(0, limit, 10, 1500)).toBe(0);
});
