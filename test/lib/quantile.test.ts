import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecentQuantile } from '../../src/lib/quantile.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp(values: readonly number[] = []) {
  const clock = new ManualClock();
  const recent = new RecentQuantile(clock);
  for (const value of values) recent.add(value);
  return { clock, recent };
}

const times = (count: number, value: number) => new Array<number>(count).fill(value);

describe('A quantile of recent values', () => {
  test('needs twenty of them', () => {
    const { recent } = setUp(times(19, 5));
    expect(recent.at(0.5)).toBeUndefined();
    recent.add(5);
    expect(recent.at(0.5)).toBeDefined();
  });

  test('is looked up anew after sixteen further values, or when another one is asked for', () => {
    const { recent } = setUp(times(20, 5));
    const before = recent.near(0.5);
    for (let more = 0; more < 15; more++) recent.add(500);
    recent.add(5);
    expect(before).toBe(recent.at(0.5));
    for (let more = 0; more < 30; more++) recent.add(500);
    expect(recent.near(0.5)).toBe(recent.at(0.5));
    expect(recent.near(0.5)).not.toBe(before);
    expect(recent.near(0.01)).toBe(recent.at(0.01));
  });

  test('is the exact one or up to a tenth above it', () => {
    const value = fc.double({ min: 0.1, max: 300_000, noNaN: true });
    const q = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 20, maxLength: 300 }), q, (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        // The least value such that a share of q or more is not above it.
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1)] as number;
        const found = setUp(values).recent.at(q) as number;
        expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
        expect(found).toBeLessThanOrEqual(exact * 1.1 * (1 + 1e-9));
      }),
    );
  });

  test('takes anything below and above its range for its ends', () => {
    expect(setUp(times(20, 0)).recent.at(0.5)).toBeCloseTo(0.1);
    const most = setUp(times(20, 1e9)).recent.at(0.5) as number;
    expect(most).toBeGreaterThan(300_000);
    expect(most).toBeLessThan(500_000);
  });

  test('forgets: after ten seconds a value counts half, and later nothing is known', () => {
    const { clock, recent } = setUp(times(100, 1000));
    clock.advance(10_000);
    for (const value of times(51, 10)) recent.add(value);
    expect(recent.at(0.5)).toBeLessThan(11);
    expect(recent.at(0.6)).toBeGreaterThanOrEqual(1000);
    clock.advance(20_000);
    expect(recent.at(0.5)).toBeDefined();
    clock.advance(10_000);
    expect(recent.at(0.5)).toBeUndefined();
    clock.advance(1e12);
    for (const value of times(20, 7)) recent.add(value);
    expect(recent.at(0.99)).toBeLessThan(7.7);
  });
});
