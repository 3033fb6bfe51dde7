import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Decision, Demand } from '../../../src/layers/rate-limit/limiter.ts';
import { MemoryRateLimiter } from '../../../src/layers/rate-limit/memory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { limiterContract } from './limiter.contract.ts';
import { demandOf, limitBy, limitOf } from './limits.ts';

afterEach(() => {
  vi.useRealTimers();
});

// The library of fixed windows reads the wall clock and sets timers itself: both move with the test's clock.
limiterContract('in memory', {
  algorithms: ['token_bucket', 'sliding_log', 'sliding_counter', 'fixed_window'],
  slack: () => 0,
  open: () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.UTC(2026, 0, 2) });
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock);
    return {
      limiter,
      advance: (ms) => {
        vi.advanceTimersByTime(ms);
        clock.advance(ms);
      },
      jumpBack: (ms) => {
        vi.setSystemTime(Date.now() - ms);
        clock.advance(-ms);
      },
      close: () => {
        limiter.close();
        expect(clock.pending).toBe(0);
        vi.useRealTimers();
      },
    };
  },
});

/** Asks those that answer at once. */
const takes = (limiter: MemoryRateLimiter, ...demands: Demand[]) => limiter.take(demands) as Decision;

const hourly = limitOf({ limit: 2, window: '1h' });
const quick = limitOf({ requests_per_second: 10, burst: 10 });

describe('In memory', () => {
  test('a decision is made at once, unless it is up to a fixed window', async () => {
    const limiter = new MemoryRateLimiter(new ManualClock());
    expect(takes(limiter, demandOf(quick))).toMatchObject({
      admitted: true,
      standings: [{ remaining: 9, wait: 0, reset: 100 }],
    });
    const later = limiter.take([demandOf(limitBy('fixed_window', 1, 1000))]);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toMatchObject({ admitted: true });
    limiter.close();
  });

  test('buckets that are full are forgotten, a few at a time, and then nothing runs any more', () => {
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock);
    for (let at = 0; at < 5000; at++) takes(limiter, demandOf(quick, `ip=${at}`));
    expect([limiter.keys, clock.pending]).toEqual([5000, 1]);
    clock.stall(100);
    const left = limiter.keys;
    expect(left).toBeGreaterThanOrEqual(3000);
    expect(left).toBeLessThan(5000);
    clock.advance(1000);
    expect([limiter.keys, clock.pending]).toEqual([0, 0]);
    expect(takes(limiter, demandOf(quick, 'ip=1'))).toMatchObject({ admitted: true });
    expect(clock.pending).toBe(1);
    limiter.close();
  });

  test('buckets that are not full stay, however idle', () => {
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock);
    for (const key of ['a', 'b']) for (let time = 0; time < 2; time++) takes(limiter, demandOf(hourly, key));
    clock.advance(3_599_000);
    expect(limiter.keys).toBe(2);
    clock.advance(2000);
    expect(limiter.keys).toBe(0);
    limiter.close();
  });

  test('many limits are swept in turn', () => {
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock);
    for (let route = 0; route < 500; route++) takes(limiter, demandOf(quick, 'k', 1, `route ${route}`));
    clock.advance(200);
    expect(limiter.keys).toBeGreaterThan(0);
    clock.advance(1000);
    expect(limiter.keys).toBe(0);
    limiter.close();
  });

  test('one key more than there is room for is not unlimited: new keys share a bucket', () => {
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock, 50);
    let admitted = 0;
    for (let round = 0; round < 20; round++)
      for (let at = 0; at < 60; at++) if (takes(limiter, demandOf(hourly, `ip=${at}`)).admitted) admitted += 1;
    expect(admitted).toBe((50 + 1) * 2);
    expect(limiter.keys).toBe(50);
    expect(limiter.overflows).toBe(20 * 10);
    // When there is room again all are counted apart.
    clock.advance(3_700_000);
    expect(limiter.keys).toBe(0);
    for (let at = 50; at < 60; at++) expect(takes(limiter, demandOf(hourly, `ip=${at}`)).admitted).toBe(true);
    limiter.close();
  });

  test('a full bucket makes room for a new key', () => {
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock, 200);
    const asked = (at: number) => takes(limiter, demandOf(quick, `ip=${at}`, 10)).admitted;
    for (let at = 0; at < 200; at++) expect(asked(at)).toBe(true);
    // Full again, and not swept.
    limiter.close();
    clock.advance(2000);
    expect(limiter.keys).toBe(200);
    let apart = 0;
    for (let at = 1000; at < 1050; at++) if (asked(at)) apart += 1;
    // One that finds none among its neighbours shares.
    expect(apart).toBeGreaterThan(40);
    expect(limiter.overflows).toBeLessThan(10);
    expect(limiter.keys).toBeLessThanOrEqual(200);
  });

  test('a hit that was refused counts for nobody, and fixed windows go when they are over', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const clock = new ManualClock();
    const limiter = new MemoryRateLimiter(clock);
    const window = limitBy('fixed_window', 5, 2000);
    for (let time = 0; time < 10; time++) await limiter.take([demandOf(window, 'k', 4)]);
    expect(await limiter.take([demandOf(window)])).toMatchObject({ admitted: true, standings: [{ remaining: 0 }] });
    expect(await limiter.take([demandOf(window)])).toMatchObject({ admitted: false, standings: [{ remaining: 0, wait: 2000 }] });
    expect(limiter.keys).toBe(1);
    vi.advanceTimersByTime(2100);
    clock.advance(2100);
    expect([limiter.keys, clock.pending, vi.getTimerCount()]).toEqual([0, 0, 0]);
  });

  test('what two ask for at once is given to one', async () => {
    const limiter = new MemoryRateLimiter(new ManualClock());
    const both = () => limiter.take([demandOf(limitBy('fixed_window', 10, 5000)), demandOf(limitBy('token_bucket', 1, 5000))]);
    const decisions = await Promise.all([both(), both(), both()]);
    expect(decisions.map(({ admitted }) => admitted).sort()).toEqual([false, false, true]);
    expect(await limiter.take([demandOf(limitBy('fixed_window', 10, 5000))])).toMatchObject({ standings: [{ remaining: 8 }] });
    limiter.close();
  });

  test('fixed windows beyond the cap count together', async () => {
    const limiter = new MemoryRateLimiter(new ManualClock(), 3);
    const window = limitBy('fixed_window', 2, 60_000);
    let admitted = 0;
    for (let round = 0; round < 5; round++)
      for (let at = 0; at < 8; at++) if ((await limiter.take([demandOf(window, `ip=${at}`)])).admitted) admitted += 1;
    expect(admitted).toBe((3 + 1) * 2);
    expect(limiter.overflows).toBe(5 * 5);
    limiter.close();
  });
});
