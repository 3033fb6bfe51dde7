import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../../src/upstream/retry/budget.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function setUp(ratio: number, min_per_second: number) {
  const clock = new ManualClock(0);
  const budget = new RetryBudget({ ratio, min_per_second }, clock);
  /** How many of so many wishes are granted. */
  const take = (wishes: number) => Array.from({ length: wishes }, () => budget.take()).filter(Boolean).length;
  const count = (requests: number) => {
    for (let request = 0; request < requests; request++) budget.count(clock.now());
  };
  return { clock, budget, take, count };
}

describe('A retry budget', () => {
  test('allows a share of the requests, and a few a second besides', () => {
    const { take, count } = setUp(0.2, 3);
    expect(take(100)).toBe(30);
    count(50);
    expect(take(100)).toBe(10);
    expect(take(1)).toBe(0);
  });

  test('shares the few with a fleet, whose ratios add up by themselves', () => {
    const clock = new ManualClock(0);
    let members = 3;
    const budget = new RetryBudget({ ratio: 0.2, min_per_second: 3 }, clock, () => members);
    for (let request = 0; request < 50; request++) budget.count(clock.now());
    const take = () => Array.from({ length: 100 }, () => budget.take()).filter(Boolean).length;
    expect(take()).toBe(20);
    members = 1;
    expect(take()).toBe(20);
  });

  test('of nothing allows nothing', () => {
    const { take, count } = setUp(0, 0);
    count(1000);
    expect(take(10)).toBe(0);
  });

  test('looks back ten seconds: then requests and retries count no more', () => {
    const { clock, take, count } = setUp(0.5, 0);
    count(10);
    expect(take(3)).toBe(3);
    clock.advance(9999);
    expect(take(10)).toBe(2);
    clock.advance(1);
    expect(take(10)).toBe(0);
    count(10);
    expect(take(10)).toBe(3);
    clock.advance(1e9);
    count(4);
    expect(take(10)).toBe(2);
  });

  test('counts a request that began a while ago with those of now', () => {
    const { clock, budget, take } = setUp(1, 0);
    clock.advance(60_000);
    expect(take(1)).toBe(0);
    budget.count(1000);
    expect(take(2)).toBe(1);
  });

  test('takes another configuration without forgetting what it has counted', () => {
    const { budget, take, count } = setUp(1, 0);
    count(10);
    expect(take(4)).toBe(4);
    budget.apply({ ratio: 0.5, min_per_second: 0 });
    expect(take(10)).toBe(1);
  });
});

const step = fc.tuple(fc.integer({ min: 0, max: 3500 }), fc.nat(20), fc.nat(20));
const terms = fc.tuple(fc.constantFrom(0, 0.1, 0.25, 1), fc.nat(5), fc.array(step, { maxLength: 60 }));

/**
 * The bound, with seconds that the clock counts whole: at each retry, the retries of this second and the nine before it
 * are at most `ratio` times the requests of the same seconds, and ten times `min_per_second`.
 */
test('Retries are granted exactly as the bound over ten seconds of the clock says', () => {
  fc.assert(
    fc.property(terms, ([ratio, least, steps]) => {
      const { clock, budget } = setUp(ratio, least);
      const requests: number[] = [];
      const retries: number[] = [];
      const recent = (list: number[]) => list.filter((at) => Math.floor(at / 1000) > Math.floor(clock.now() / 1000) - 10).length;
      for (const [pause, arriving, wishes] of steps) {
        clock.advance(pause);
        for (let request = 0; request < arriving; request++) {
          requests.push(clock.now());
          budget.count(clock.now());
        }
        for (let wish = 0; wish < wishes; wish++) {
          const granted = recent(retries) + 1 <= recent(requests) * ratio + least * 10;
          expect(budget.take()).toBe(granted);
          if (granted) retries.push(clock.now());
        }
      }
    }),
    { numRuns: 200 },
  );
});
