import { afterEach, describe, expect, test } from 'vitest';
import type { Permit } from '../../../../src/layers/concurrency/concurrency.ts';
import { RedisConcurrency } from '../../../../src/layers/concurrency/redis/redis-concurrency.ts';
import { Keys } from '../../../../src/redis/keys.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { TwinStore } from '../../../support/twin-store.ts';
import { TwinRedis } from '../../rate-limit/redis/twin-redis.ts';
import { concurrencyContract } from '../concurrency.contract.ts';

const opened: RedisConcurrency[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** Instances with one Redis and clocks that run alike. */
class Rig {
  readonly redis = new TwinRedis();
  readonly clocks: ManualClock[] = [];
  readonly stores: TwinStore[] = [];
  members = 2;

  join(): RedisConcurrency {
    const [clock, store] = [new ManualClock(), new TwinStore(this.redis)];
    this.clocks.push(clock);
    this.stores.push(store);
    const id = `m${this.clocks.length}`;
    const one = new RedisConcurrency({ store, clock, id, keys: new Keys('s:', 'f'), divisor: () => this.members });
    opened.push(one);
    return one;
  }

  async advance(ms: number, except?: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      this.redis.now += 50_000;
      for (const [at, clock] of this.clocks.entries()) if (at !== except) clock.advance(50);
      for (let turn = 0; turn < 10; turn++) await undefined;
    }
  }
}

concurrencyContract('In Redis, alone', () => {
  const rig = new Rig();
  const one = rig.join();
  return {
    enter: async (bucket, limit) => {
      const permit = await one.enter(bucket, limit);
      // A refusal is remembered for a moment.
      if (permit === undefined) await rig.advance(50);
      return permit;
    },
  };
});

async function enter(one: RedisConcurrency, limit: number, times: number, bucket = 'a'): Promise<Permit[]> {
  const permits: Permit[] = [];
  for (let time = 0; time < times; time++) {
    const permit = await one.enter(bucket, limit);
    if (permit !== undefined) permits.push(permit);
  }
  return permits;
}

describe('Two instances', () => {
  test('let in as many as the limit together, and no more', async () => {
    const rig = new Rig();
    const [one, two] = [rig.join(), rig.join()];
    const [first, second] = [await enter(one, 10, 6), await enter(two, 10, 20)];
    expect([first.length, second.length]).toEqual([6, 4]);
    for (const permit of first) permit.leave();
    await rig.advance(250);
    expect(await enter(two, 10, 20)).toHaveLength(6);
    expect(second).toHaveLength(4);
  });

  test('keep a place for a tenth of a second, and then others have it', async () => {
    const rig = new Rig();
    const [one, two] = [rig.join(), rig.join()];
    const [permit] = await enter(one, 1, 1);
    permit?.leave();
    expect(await enter(two, 1, 1)).toHaveLength(0);
    await rig.advance(250);
    expect(await enter(two, 1, 1)).toHaveLength(1);
  });

  test('hold what is taken for as long as it lasts', async () => {
    const rig = new Rig();
    const [one, two] = [rig.join(), rig.join()];
    const permits = await enter(one, 2, 2);
    await rig.advance(30_000);
    expect(await enter(two, 2, 1)).toHaveLength(0);
    for (const permit of permits) permit.leave();
    await rig.advance(300);
    expect([await enter(two, 2, 2), one.size]).toEqual([[expect.anything(), expect.anything()], 0]);
  });

  test('get the places of a dead one back after five seconds', async () => {
    const rig = new Rig();
    const [one, two] = [rig.join(), rig.join()];
    await enter(one, 2, 2);
    await rig.advance(4000, 0);
    expect(await enter(two, 2, 1)).toHaveLength(0);
    await rig.advance(1500, 0);
    expect(await enter(two, 2, 2)).toHaveLength(2);
  });

  test('do not let in on the word of long ago, after standing still', async () => {
    const rig = new Rig();
    const [one, two] = [rig.join(), rig.join()];
    const [permit] = await enter(one, 1, 1);
    permit?.leave();
    // Its program stands still: its clock runs, its timers do not.
    rig.redis.now += 6_000_000;
    expect(await enter(two, 1, 1)).toHaveLength(1);
    rig.clocks[0]?.advance(6000);
    expect(await enter(one, 1, 1)).toHaveLength(0);
  });

  test('ask Redis once for many that come at once, and not for those who come to a full bucket', async () => {
    const rig = new Rig();
    const one = rig.join();
    const many = await Promise.all(Array.from({ length: 100 }, () => one.enter('a', 40)));
    expect(many.filter((permit) => permit !== undefined)).toHaveLength(40);
    const { calls } = rig.stores[0] as TwinStore;
    expect(calls).toBeLessThanOrEqual(3);
    expect(one.enter('a', 40)).toBeUndefined();
    expect(rig.stores[0]?.calls).toBe(calls);
  });

  test('answer at once where places are held', async () => {
    const rig = new Rig();
    const one = rig.join();
    const permits = await enter(one, 100, 20);
    for (const permit of permits) permit.leave();
    for (let time = 0; time < 10; time++) expect(one.enter('a', 100)).not.toBeInstanceOf(Promise);
  });
});

describe('Without Redis', () => {
  test.each([
    ['a share', 2, 10, 5],
    ['one at least', 100, 10, 1],
    ['all, where nobody knows of others', 0, 10, 10],
  ])('an instance lets in %s', async (_, members, limit, expected) => {
    const rig = new Rig();
    rig.members = members;
    const one = rig.join();
    rig.stores[0]?.become('down');
    expect(await enter(one, limit, 20)).toHaveLength(expected);
  });

  test.each(['late', 'lost', 'refused'] as const)('what is %s is decided by shares', async (kind) => {
    const rig = new Rig();
    const one = rig.join();
    (rig.stores[0] as TwinStore).fails = kind;
    expect(await enter(one, 10, 20)).toHaveLength(5);
  });

  test.each([[null], ['x'], [[-1, 0]], [['x']]])('garbage is no answer: %j', async (answer) => {
    const rig = new Rig();
    const one = rig.join();
    (rig.stores[0] as TwinStore).answer = () => answer;
    expect(await enter(one, 10, 20)).toHaveLength(5);
  });
});
