import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisRateLimiter } from '../src/layers/rate-limit/redis/redis-limiter.ts';
import { GIVE_BACK, TAKE } from '../src/layers/rate-limit/redis/take-script.ts';
import { Keys } from '../src/redis/keys.ts';
import { limiterContract } from '../test/layers/rate-limit/limiter.contract.ts';
import { TwinRedis } from '../test/layers/rate-limit/redis/twin-redis.ts';
import { ManualClock } from '../test/support/manual-clock.ts';
import { noRedis, VirtualRedis } from './support/virtual-redis.ts';

const HISTORIES = 400;
const STEPS = 25;

interface Wanted {
  readonly key: number;
  readonly kind: 'b' | 'l' | 'c' | 'f';
  readonly cost: number;
  readonly want: number;
  readonly strict: boolean;
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  key: fc.nat(2),
  kind: fc.constantFrom('b', 'b', 'b', 'l', 'c', 'f'),
  cost: fc.integer({ min: 0, max: 4 }),
  want: fc.constantFrom(0, 0, 3, 8, 20),
  strict: fc.boolean(),
});

type Step =
  | { readonly do: 'take'; readonly demands: readonly Wanted[] }
  | { readonly do: 'give back'; readonly which: number; readonly tokens: number }
  | { readonly do: 'wait'; readonly us: number }
  | { readonly do: 'lose' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc.record({ do: fc.constant('take' as const), demands: fc.array(wanted, { minLength: 1, maxLength: 3 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('give back' as const), which: fc.nat(4), tokens: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      us: fc.constantFrom(1, 999, 40_000, 130_000, 700_000, 9_000_000, -5, -300_000, -7_000_000),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const }) },
);

/** Limits of three keys of each kind. */
const LIMITS = [
  { limit: 10, rate: 4, window: 2_500_000 },
  { limit: 300, rate: 100.5, window: 3_000_000 },
  { limit: 5, rate: 0.0027777777777777779, window: 60_000_000 },
] as const;
const TAU = 500_000;

describe.skipIf(noRedis !== '')(`The scripts of the limiter${noRedis}`, () => {
  let redis: VirtualRedis;
  let history = 0;

  beforeAll(async () => {
    redis = await VirtualRedis.start();
  });
  afterAll(() => redis?.stop());

  test(`do the same as their twins, in ${HISTORIES} histories`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
        history += 1;
        const twin = new TwinRedis();
        redis.now = twin.now;
        const leases: { key: string; limit: (typeof LIMITS)[number]; expiry: number; id: string }[] = [];
        for (const [at, one] of steps.entries()) {
          if (one.do === 'wait') {
            twin.now += one.us;
            redis.now += one.us;
          } else if (one.do === 'lose') {
            await redis.client.flushall();
            twin.lose();
          } else if (one.do === 'take') {
            const distinct = one.demands.filter(
              (d, i) => one.demands.findIndex((o) => o.key === d.key && o.kind === d.kind) === i,
            );
            const keys = distinct.map(({ key, kind }) => `${history}:{t}:${kind}${key}`);
            const lives = distinct.filter(({ kind, strict }) => kind === 'b' && strict).map(() => `${history}:{t}:life`);
            // Ids of the gateway have both, too.
            const id = `h-${history}_${at}`;
            const values = distinct.flatMap(({ key, kind, cost, want, strict }) => {
              const { limit, rate, window } = LIMITS[key] as (typeof LIMITS)[number];
              const ahead = kind === 'b' && cost > 0 && want > 0 ? Math.max(want, cost) : 0;
              return [kind, limit, rate, window, cost, ahead, TAU, kind === 'b' && strict ? 1 : 0];
            });
            const expected = twin.run(TAKE, [...keys, ...lives], [id, ...values]) as number[];
            expect(await redis.run(TAKE, [...keys, ...lives], [id, ...values])).toEqual(expected);
            distinct.forEach(({ key }, index) => {
              const expiry = expected[2 + index * 5] as number;
              if (expiry > 0)
                leases.push({ key: keys[index] as string, limit: LIMITS[key] as (typeof LIMITS)[number], expiry, id });
            });
          } else if (one.do === 'give back') {
            const lease = leases.at(-1 - one.which);
            if (lease === undefined) continue;
            const args = [lease.limit.limit, lease.limit.rate, lease.expiry, one.tokens, lease.id, TAU];
            expect(await redis.run(GIVE_BACK, [lease.key], args)).toBe(twin.run(GIVE_BACK, [lease.key], args));
          }
        }
      }),
      { numRuns: HISTORIES },
    );
  });

  test('take what is no bucket for none, and write one over it', async () => {
    await redis.client.rpush('odd', 'a list');
    for (const kind of ['b', 'l', 'c', 'f']) {
      const reply = (await redis.run(TAKE, [`odd`], ['x', kind, 10, 1, 10_000_000, 1, 0, TAU, 0])) as number[];
      expect(reply.slice(0, 4)).toEqual([1, 1, 0, 9]);
      await redis.client.set('odd', '\x95\xcb garbage');
    }
  });

  test('leave nothing of 100,000 keys when their time is over, and take what the documentation says', async () => {
    await redis.client.flushall();
    const used = async () => Number(/used_memory:(\d+)/.exec(await redis.client.info('memory'))?.[1]);
    const before = await used();
    const keys = new Keys('sluice:', 'memory');
    for (let done = 0; done < 100_000; done += 1000) {
      const names = Array.from({ length: 1000 }, (_, at) => keys.bucket('limit', `10.0.${done}.${at}`));
      // As the gateway calls it: by its time, and by its SHA after the first.
      await Promise.all(names.map((name) => redis.client.eval(TAKE.lua, 1, name, 'x', 'b', 5, 5, 1_000_000, 1, 1, TAU, 0)));
    }
    const each = ((await used()) - before) / 100_000;
    expect(each).toBeLessThan(220);
    expect(await redis.client.dbsize()).toBeGreaterThan(0);
    await expect.poll(() => redis.client.dbsize(), { timeout: 30_000 }).toBe(0);
  });

  test('leave a time to live on every key', async () => {
    await redis.client.flushall();
    for (const kind of ['b', 'l', 'c', 'f'])
      await redis.run(
        TAKE,
        [`ttl:${kind}`, ...(kind === 'b' ? ['ttl:life'] : [])],
        ['x', kind, 10, 1, 10_000_000, 0 + 1, 0, TAU, kind === 'b' ? 1 : 0],
      );
    for (const key of await redis.client.keys('ttl:*')) expect([key, (await redis.client.pttl(key)) > 0]).toEqual([key, true]);
  });
});

if (noRedis === '') {
  let shared: VirtualRedis | undefined;
  let opened = 0;
  afterAll(() => shared?.stop());
  limiterContract('In a real Redis', {
    algorithms: ['token_bucket', 'sliding_log', 'sliding_counter', 'fixed_window'],
    slack: (rate) => Math.ceil(rate * 0.5) + 3,
    open: async () => {
      shared ??= await VirtualRedis.start();
      const store = shared;
      opened += 1;
      const clock = new ManualClock();
      const limiter = new RedisRateLimiter({
        ...{ store, keys: new Keys('sluice:', `c${opened}`), clock, commandTimeout: 100, divisor: () => 1 },
      });
      return {
        limiter,
        advance: (ms) => {
          for (let left = ms; left > 0; left -= 50) {
            const part = Math.min(50, left);
            store.now += Math.round(part * 1000);
            clock.advance(part);
          }
        },
        jumpBack: (ms) => {
          store.now -= ms * 1000;
        },
        close: () => limiter.close(),
      };
    },
  });
}
