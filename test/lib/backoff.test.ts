import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullJitter } from '../../src/lib/backoff.ts';

test('A wait is drawn up to a bound that doubles with each try, and never above the most', () => {
  const waits = [0, 1, 2, 3, 4].map((attempt) => fullJitter(25, 300, attempt, 0.5));
  expect(waits).toEqual([12.5, 25, 50, 100, 150]);
});

test('However many tries there were, a wait is from nothing to its bound', () => {
  const ms = fc.integer({ min: 0, max: 1e7 });
  fc.assert(
    fc.property(ms, ms, fc.nat(5000), fc.double({ min: 0, max: 0.999_999, noNaN: true }), (base, max, attempt, random) => {
      const wait = fullJitter(base, max, attempt, random);
      const bound = Math.min(max, base * 2 ** Math.min(attempt, 60));
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(bound);
    }),
  );
});
