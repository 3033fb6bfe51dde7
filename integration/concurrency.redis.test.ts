import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOLD } from '../src/layers/concurrency/redis/hold-script.ts';
import { RedisConcurrency } from '../src/layers/concurrency/redis/redis-concurrency.ts';
import { Keys } from '../src/redis/keys.ts';
import { concurrencyContract } from '../test/layers/concurrency/concurrency.contract.ts';
import { TwinRedis } from '../test/layers/rate-limit/redis/twin-redis.ts';
import { ManualClock } from '../test/support/manual-clock.ts';
import { noRedis, VirtualRedis } from './support/virtual-redis.ts';

const step = fc.record({
  member: fc.nat(3),
  limit: fc.constantFrom(3, 5, 20),
  want: fc.nat(8),
  taken: fc.nat(3),
  us: fc.constantFrom(0, 1, 900_000, 4_000_000, 11_000_000, -2_000_000, -60_000_000),
});

describe.skipIf(noRedis !== '')(`Places in Redis${noRedis}`, () => {
  let redis: VirtualRedis;
  let history = 0;
  let opened = 0;
  beforeAll(async () => {
    redis = await VirtualRedis.start();
  });
  afterAll(() => redis?.stop());

  test('are given by the script as by its twin, in 300 histories', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 20 }), async (steps) => {
        const twin = new TwinRedis();
        redis.now = twin.now;
        const key = `places:${history++}`;
        for (const { member, limit, want, taken, us } of steps) {
          twin.now += us;
          redis.now += us;
          const args = [limit, `m${member}`, want, taken, 5000];
          expect(await redis.run(HOLD, [key], args)).toEqual(twin.run(HOLD, [key], args));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('are not kept by what is no place', async () => {
    await redis.client.set('odd', 'text');
    expect(await redis.run(HOLD, ['odd'], [3, 'm', 2, 0, 5000])).toEqual([2, 1]);
    await redis.client.hset('odd', 'x', 'garbage', 'y', '5');
    expect(await redis.run(HOLD, ['odd'], [3, 'n', 2, 0, 5000])).toEqual([1, 0]);
    expect(await redis.client.hkeys('odd')).toEqual(['m', 'n']);
    expect(await redis.client.pttl('odd')).toBeGreaterThan(0);
  });

  concurrencyContract('In a real Redis', () => {
    opened += 1;
    const clock = new ManualClock();
    const keys = new Keys('s:', `c${opened}`);
    const one = new RedisConcurrency({ store: redis, keys, clock, id: 'm', divisor: () => 1 });
    return {
      enter: async (bucket, limit) => {
        const permit = await one.enter(bucket, limit);
        // A refusal is remembered for a moment.
        if (permit === undefined) clock.advance(50);
        return permit;
      },
    };
  });
});
