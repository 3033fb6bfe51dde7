import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeakEwma } from '../../src/lib/ewma.ts';
import { ManualClock } from '../support/manual-clock.ts';

test('Nothing is known before the first value', () => {
  expect(new PeakEwma(new ManualClock()).value).toBe(0);
});

test('A higher value counts at once, a lower one slowly', () => {
  const clock = new ManualClock();
  const average = new PeakEwma(clock, 1000);
  for (const value of [10, 50]) average.add(value);
  expect(average.value).toBe(50);
  average.add(10);
  expect(average.value).toBe(50);
  clock.advance(1000);
  average.add(10);
  expect(average.value).toBeCloseTo(10 + 40 / Math.E);
});

test('It sinks while nothing comes', () => {
  const clock = new ManualClock();
  const average = new PeakEwma(clock, 1000);
  average.add(50);
  clock.advance(1000);
  expect(average.value).toBeCloseTo(50 / Math.E);
  clock.advance(1_000_000);
  expect(average.value).toBeCloseTo(0);
});

test('It is never below the last value when that came, and never above the highest', () => {
  const steps = fc.array(fc.tuple(fc.double({ min: 0.001, max: 1e5, noNaN: true }), fc.nat(20_000)), { minLength: 1 });
  fc.assert(
    fc.property(steps, (steps) => {
      const clock = new ManualClock();
      const average = new PeakEwma(clock);
      for (const [value, pause] of steps) {
        clock.advance(pause);
        average.add(value);
        expect(average.value).toBeGreaterThanOrEqual(value);
      }
      expect(average.value).toBeLessThanOrEqual(Math.max(...steps.map(([value]) => value)) * (1 + 1e-9));
    }),
  );
});
