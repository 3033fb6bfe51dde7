import { describe, expect, test } from 'vitest';
import { HttpDate, systemClock } from '../../src/lib/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('The clock of the system', () => {
  test('never goes back, and its wall is the one of the machine', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
    expect(Math.abs(systemClock.wall() - Date.now())).toBeLessThan(1000);
  });

  test('calls back once', async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      systemClock.after(1, () => {
        calls += 1;
        resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(calls).toBe(1);
  });

  test('calls back again and again until it is stopped', async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = systemClock.every(1, () => {
        calls += 1;
        if (calls < 3) return;
        stop();
        resolve();
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(calls).toBe(3);
  });

  test('does not call back what was called off', async () => {
    let called = false;
    const off = systemClock.after(1, () => {
      called = true;
    });
    off();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(called).toBe(false);
  });
});

describe('The Date field', () => {
  test('is the fixed-length form of RFC 9110 §5.6.7', () => {
    const date = new HttpDate(new ManualClock(0, Date.UTC(1994, 10, 6, 8, 49, 37)));
    expect(date.now()).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  test('changes with the second, not before, and goes back with the clock', () => {
    const clock = new ManualClock(0, Date.UTC(2026, 0, 1, 0, 0, 0, 0));
    const date = new HttpDate(clock);
    const first = date.now();
    clock.advance(999);
    expect(date.now()).toBe(first);
    clock.advance(1);
    expect(date.now()).toBe('Thu, 01 Jan 2026 00:00:01 GMT');
    clock.advance(-1);
    expect(date.now()).toBe(first);
  });
});
