import { describe, expect, test } from 'vitest';
import type { AlgorithmName } from '../../../src/layers/rate-limit/config.ts';
import type { Decision, Demand, RateLimiter } from '../../../src/layers/rate-limit/limiter.ts';
import { demandOf, limitBy, limitOf } from './limits.ts';

/** An implementation, opened for one test, with its time in the test's hand. */
export interface OpenedLimiter {
  readonly limiter: RateLimiter;
  /** Lets time pass, and all that is due in it happen. */
  advance(ms: number): Promise<void> | void;
  /** Sets the clock that counts back. */
  jumpBack(ms: number): Promise<void> | void;
  close(): Promise<void> | void;
}

export interface LimiterKind {
  open(): Promise<OpenedLimiter> | OpenedLimiter;
  /**
   * Tokens that it may refuse though they are there: memory none; leases `rate·τ`. What must never be more is the same for all.
   */
  slack(rate: number): number;
  /** Those that it has. */
  readonly algorithms: readonly AlgorithmName[];
}

const NO_SLACK_ALGORITHM = 'token_bucket';

/** What every limiter promises, whatever it counts in. */
export function limiterContract(name: string, kind: LimiterKind): void {
  const withOne = (what: (opened: OpenedLimiter) => Promise<void>) => async () => {
    const opened = await kind.open();
    try {
      await what(opened);
    } finally {
      await opened.close();
    }
  };

  /** Asks again and again. @returns how many were admitted */
  async function admitted({ limiter }: OpenedLimiter, demand: Demand, times: number): Promise<number> {
    let count = 0;
    for (let time = 0; time < times; time++) if ((await limiter.take([demand])).admitted) count += 1;
    return count;
  }

  function expectCount(count: number, most: number, rate: number): void {
    expect(count).toBeLessThanOrEqual(most);
    expect(count).toBeGreaterThanOrEqual(most - kind.slack(rate));
  }

  describe.each(kind.algorithms)(`${name}: a %s`, (algorithm) => {
    const limit = limitBy(algorithm, 10, 10_000);

    test(
      'admits its limit and no more',
      withOne(async (opened) => expectCount(await admitted(opened, demandOf(limit), 30), 10, limit.rate)),
    );

    test(
      'says what is left, and when there is more',
      withOne(async (opened) => {
        const first = await opened.limiter.take([demandOf(limit)]);
        expect(first.admitted).toBe(true);
        expect(first.standings).toHaveLength(1);
        expect(first.standings[0]?.remaining).toBeLessThanOrEqual(9);
        expect(first.standings[0]).toMatchObject({ admits: true, wait: 0 });
        let last: Decision = first;
        for (let time = 0; time < 20 && last.admitted; time++) last = await opened.limiter.take([demandOf(limit)]);
        expect(last).toMatchObject({ admitted: false, standings: [{ admits: false, remaining: 0 }] });
        const { wait = 0, reset = 0 } = last.standings[0] ?? {};
        expect(wait).toBeGreaterThan(0);
        expect(reset).toBeGreaterThanOrEqual(wait);
        await opened.advance(Math.ceil(wait));
        expect((await opened.limiter.take([demandOf(limit)])).admitted).toBe(true);
      }),
    );

    test(
      'is many buckets, of which a request may meet two: each pays',
      withOne(async (opened) => {
        const both = (key: string) => opened.limiter.take([demandOf(limit, 'all'), demandOf(limit, key)]);
        const decisions: Decision[] = [];
        for (let at = 0; at < 12; at++) decisions.push(await both(`one ${at}`));
        expectCount(decisions.filter(({ admitted }) => admitted).length, 10, limit.rate);
        expect(decisions[0]?.standings.map(({ remaining }) => remaining > 9)).toEqual([false, false]);
      }),
    );

    test(
      'is asked for nothing by a demand that costs nothing',
      withOne(async (opened) => {
        const twice = () => opened.limiter.take([demandOf(limit), demandOf(limit, 'k', 0)]);
        let count = 0;
        for (let time = 0; time < 15; time++) if ((await twice()).admitted) count += 1;
        expectCount(count, 10, limit.rate);
      }),
    );

    test(
      'is there in full after its reset',
      withOne(async (opened) => {
        let last = await opened.limiter.take([demandOf(limit)]);
        for (let time = 0; time < 12; time++) last = await opened.limiter.take([demandOf(limit)]);
        await opened.advance(Math.ceil(last.standings[0]?.reset ?? 0));
        expectCount(await admitted(opened, demandOf(limit), 30), 10, limit.rate);
      }),
    );

    test(
      'takes what a request costs',
      withOne(async (opened) => {
        expectCount(3 * (await admitted(opened, demandOf(limit, 'k', 3), 10)), 9, limit.rate + 3);
        expect((await opened.limiter.take([demandOf(limit, 'k', 3)])).admitted).toBe(false);
        if (kind.slack(limit.rate) === 0) expect((await opened.limiter.take([demandOf(limit, 'k', 1)])).admitted).toBe(true);
      }),
    );

    test(
      'counts keys and limits apart',
      withOne(async (opened) => {
        for (const demand of [demandOf(limit, 'k'), demandOf(limit, 'l'), demandOf(limit, 'k', 1, 'another')])
          expectCount(await admitted(opened, demand, 20), 10, limit.rate);
      }),
    );

    test(
      'mints nothing while its clock stands still or jumps back',
      withOne(async (opened) => {
        await admitted(opened, demandOf(limit), 30);
        expect(await admitted(opened, demandOf(limit), 5)).toBe(0);
        await opened.jumpBack(7000);
        expect(await admitted(opened, demandOf(limit), 5)).toBe(0);
        await opened.advance(7000);
        expect(await admitted(opened, demandOf(limit), 5)).toBe(0);
      }),
    );

    test(
      'keeps what it counted when its configuration changes',
      withOne(async (opened) => {
        await admitted(opened, demandOf(limit), 30);
        const larger = { ...limit, limit: 12 };
        expect(await admitted(opened, demandOf(larger), 30)).toBeLessThanOrEqual(2);
        const smaller = { ...limit, limit: 5 };
        expect(await admitted(opened, demandOf(smaller), 30)).toBe(0);
      }),
    );
  });

  describe(`${name}: several limits`, () => {
    const all = kind.algorithms.map((algorithm) => demandOf(limitBy(algorithm, 20, 60_000)));

    test.each(all.map((demand) => demand.limit))('a refusal by the %s takes from none', (tight) =>
      withOne(async (opened) => {
        const before = await opened.limiter.take([{ ...all.find(({ limit }) => limit === tight), cost: 19 } as Demand]);
        expect(before.admitted).toBe(true);
        const first = await opened.limiter.take(all);
        const refused = await opened.limiter.take(all);
        expect([first.admitted, refused.admitted]).toEqual([true, false]);
        expect(refused.standings.map(({ admits }) => admits)).toEqual(all.map(({ limit }) => limit !== tight));
        for (let time = 0; time < 50; time++) await opened.limiter.take(all);
        for (const demand of all.filter(({ limit }) => limit !== tight))
          expectCount(await admitted(opened, demand, 50), 19, demand.policy.rate);
        expect(await admitted(opened, all.find(({ limit }) => limit === tight) as Demand, 5)).toBe(0);
      })(),
    );

    test(
      'all are told in the order in which they were asked',
      withOne(async (opened) => {
        const demands = kind.algorithms.map((algorithm, at) => demandOf(limitBy(algorithm, 50 + at, 60_000)));
        const { standings, admitted } = await opened.limiter.take(demands);
        expect(admitted).toBe(true);
        if (kind.slack(1) === 0) expect(standings.map(({ remaining }) => remaining)).toEqual(demands.map((_, at) => 49 + at));
      }),
    );
  });

  describe(`${name}: a bucket and its rate`, () => {
    test.each([
      ['a fraction a second', { requests_per_second: 0.5, burst: 2 }, 2, 20_000, 10],
      ['ten per hour', { limit: 10, window: '1h' }, 10, 1_800_000, 5],
      ['very fast', { requests_per_second: 50_000, burst: 10 }, 10, 0.1, 5],
      ['a burst far beyond the rate', { requests_per_second: 1, burst: 40 }, 40, 3000, 3],
    ])('gives %s', (_name, written, burst, time, more) =>
      withOne(async (opened) => {
        const limit = limitOf({ algorithm: NO_SLACK_ALGORITHM, ...written });
        const demand = demandOf(limit);
        expectCount(await admitted(opened, demand, burst + 20), burst, limit.rate);
        let count = 0;
        for (let step = 0; step < 10; step++) {
          await opened.advance(time / 10);
          count += await admitted(opened, demand, more + 1);
        }
        // Ten tenths are not always the whole, in doubles.
        expect(Math.abs(count - more)).toBeLessThanOrEqual(kind.slack(limit.rate) + (time < 1 ? 1 : 0));
      })(),
    );
  });
}
