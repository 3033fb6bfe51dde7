import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RateLimitConfig } from '../../../src/layers/rate-limit/config.ts';
import type { Decision } from '../../../src/layers/rate-limit/limiter.ts';
import { MemoryRateLimiter } from '../../../src/layers/rate-limit/memory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { demandOf, limitBy, limitOf } from './limits.ts';

afterEach(() => {
  vi.useRealTimers();
});

interface Admission {
  /** The latest that the clock has shown since the first: what it goes through again after a jump back counts once. */
  readonly at: number;
  readonly cost: number;
}

/** Between two requests the clock stands still, goes on a little or a lot, or jumps back. */
const wait = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.double({ min: 0, max: 20, noNaN: true }) },
  { weight: 3, arbitrary: fc.nat(2000) },
  { weight: 1, arbitrary: fc.nat(100_000) },
  { weight: 1, arbitrary: fc.integer({ min: -3000, max: -1 }) },
);
const requests = fc.array(fc.record({ wait, cost: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 80 });
/** Few enough tokens that refusals are common; the first is far into the life of a process. */
const start = fc.constantFrom(1000, 1000.123456, 86_400_000.25, 8_000_000_000);

function play(limit: RateLimitConfig, from: number, asked: readonly { wait: number; cost: number }[]): Admission[] {
  const clock = new ManualClock(from);
  const limiter = new MemoryRateLimiter(clock);
  const admissions: Admission[] = [];
  let latest = Number.NEGATIVE_INFINITY;
  for (const { wait, cost } of asked) {
    clock.advance(wait);
    latest = Math.max(latest, clock.now());
    if ((limiter.take([demandOf(limit, 'k', Math.min(cost, limit.limit))]) as Decision).admitted)
      admissions.push({ at: latest, cost: Math.min(cost, limit.limit) });
  }
  limiter.close();
  return admissions;
}

/** Every span that begins and ends with an admission: those are the ones that can be too full. */
function forAllSpans(admissions: readonly Admission[], check: (tokens: number, time: number) => void): void {
  for (let from = 0; from < admissions.length; from++) {
    let tokens = 0;
    for (let to = from; to < admissions.length; to++) {
      tokens += (admissions[to] as Admission).cost;
      check(tokens, (admissions[to] as Admission).at - (admissions[from] as Admission).at);
    }
  }
}

describe('In any span of time', () => {
  test('a token bucket gives no more than burst + rate · t', () => {
    const bucket = fc.oneof(
      fc.record({ requests_per_second: fc.constantFrom(0.3, 1, 7, 100, 33_333.3), burst: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ limit: fc.integer({ min: 1, max: 20 }), window: fc.constantFrom('250ms', '7s', '1h') }),
    );
    fc.assert(
      fc.property(bucket, start, requests, (written, from, asked) => {
        const limit = limitOf(written);
        // A double of eight thousand million milliseconds is exact to a microsecond, which is where the slack comes from.
        const blur = limit.rate * 1e-6 + 1e-6;
        forAllSpans(play(limit, from, asked), (tokens, ms) =>
          expect(tokens).toBeLessThanOrEqual(limit.limit + (limit.rate * ms) / 1000 + blur),
        );
      }),
      { numRuns: 400 },
    );
  });

  test('shorter than its window a sliding log gives no more than its limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.constantFrom(5, 100, 3000), requests, (most, window, asked) => {
        forAllSpans(play(limitBy('sliding_log', most, window), 1000, asked), (tokens, ms) => {
          if (ms < window) expect(tokens).toBeLessThanOrEqual(most);
        });
      }),
      { numRuns: 400 },
    );
  });

  test('shorter than its window a sliding counter gives less than twice its limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.constantFrom(5, 100, 3000), requests, (most, window, asked) => {
        forAllSpans(play(limitBy('sliding_counter', most, window), 1000, asked), (tokens, ms) => {
          if (ms < window) expect(tokens).toBeLessThanOrEqual(2 * most - 1);
        });
      }),
      { numRuns: 400 },
    );
  });

  test('shorter than its window a fixed window gives less than twice its limit', async () => {
    const forward = fc.array(
      fc.record({ wait: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(2500)), cost: fc.integer({ min: 1, max: 4 }) }),
      { minLength: 1, maxLength: 50 },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), forward, async (most, asked) => {
        vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 0 });
        const clock = new ManualClock();
        const limiter = new MemoryRateLimiter(clock);
        const limit = limitBy('fixed_window', most, 1000);
        const admissions: Admission[] = [];
        for (const { wait, cost } of asked) {
          vi.advanceTimersByTime(wait);
          clock.advance(wait);
          const paid = Math.min(cost, most);
          if ((await limiter.take([demandOf(limit, 'k', paid)])).admitted) admissions.push({ at: clock.now(), cost: paid });
        }
        limiter.close();
        forAllSpans(admissions, (tokens, ms) => {
          if (ms < 1000) expect(tokens).toBeLessThanOrEqual(2 * most - 1);
        });
      }),
      { numRuns: 60 },
    );
  });
});

test('Of several limits all give or none: a refusal changes nothing', async () => {
  const limits = [
    limitBy('token_bucket', 9, 3_600_000),
    limitBy('sliding_log', 7, 3_600_000),
    limitBy('sliding_counter', 8, 3_600_000),
    limitBy('fixed_window', 6, 3_600_000),
  ] as const;
  const demand = fc.record({ of: fc.nat(3), cost: fc.integer({ min: 1, max: 6 }), key: fc.constantFrom('a', 'b') });
  const call = fc.uniqueArray(demand, { selector: ({ of }) => of, minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 15 }), async (calls) => {
      const limiter = new MemoryRateLimiter(new ManualClock());
      const taken = new Map<string, number>();
      for (const demands of calls) {
        const left = demands.map(({ of, key }) => (limits[of]?.limit ?? 0) - (taken.get(`${of}${key}`) ?? 0));
        const decision = await limiter.take(
          demands.map(({ of, key, cost }) => demandOf(limits[of] as RateLimitConfig, key, cost)),
        );
        const fits = demands.map(({ cost }, at) => cost <= (left[at] as number));
        expect(decision.admitted).toBe(!fits.includes(false));
        // Who would have had enough says so; fixed windows are asked only when the others admit.
        expect(decision.standings.map(({ admits }) => admits)).toEqual(fits);
        const paid = decision.admitted ? demands.map(({ cost }) => cost) : demands.map(() => 0);
        expect(decision.standings.map(({ remaining }) => remaining)).toEqual(left.map((tokens, at) => tokens - (paid[at] ?? 0)));
        for (const [at, { of, key }] of demands.entries())
          taken.set(`${of}${key}`, (taken.get(`${of}${key}`) ?? 0) + (paid[at] ?? 0));
      }
      limiter.close();
    }),
    { numRuns: 150 },
  );
});
