import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Decision } from '../../../../src/layers/rate-limit/limiter.ts';
import { RedisRateLimiter } from '../../../../src/layers/rate-limit/redis/redis-limiter.ts';
import { Keys } from '../../../../src/redis/keys.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { TwinStore } from '../../../support/twin-store.ts';
import { limiterContract } from '../limiter.contract.ts';
import { demandOf, limitBy, limitOf } from '../limits.ts';
import { TwinRedis } from './twin-redis.ts';

class Rig {
  readonly clock = new ManualClock();
  readonly redis = new TwinRedis();
  readonly store = new TwinStore(this.redis);
  members = 4;
  readonly limiter: RedisRateLimiter;

  constructor() {
    const { clock, store } = this;
    const keys = new Keys('sluice:', 'test');
    this.limiter = new RedisRateLimiter({ store, keys, clock, commandTimeout: 100, divisor: () => this.members });
  }

  advance(ms: number): void {
    // In steps: timers run at their times, and Redis is there at them, too.
    for (let left = ms; left > 0; left -= 10) {
      const step = Math.min(10, left);
      this.redis.now += Math.round(step * 1000);
      this.clock.advance(step);
    }
  }
}

const open = () => {
  const rig = new Rig();
  return {
    limiter: rig.limiter,
    advance: (ms: number) => rig.advance(ms),
    jumpBack: (ms: number) => {
      rig.redis.now -= ms * 1000;
    },
    close: () => rig.limiter.close(),
  };
};

const algorithms = ['token_bucket', 'sliding_log', 'sliding_counter', 'fixed_window'] as const;
limiterContract('In a twin of Redis', { algorithms, slack: (rate) => Math.ceil(rate * 0.5) + 3, open });

describe('In a Cluster', () => {
  const exact = (name: string, limit: number) => demandOf(limitOf({ limit, window: '1h', mode: 'exact' }), 'k', 1, name);

  test('limits are asked slot by slot, until one refuses', async () => {
    const { limiter, store } = rig();
    store.isCluster = true;
    const demands = ['a', 'b', 'c', 'd'].map((name, at) => exact(name, 10 + at));
    const decisions: Decision[] = [];
    for (let time = 0; time < 12; time++) decisions.push(await limiter.take(demands));
    expect(decisions.filter(({ admitted }) => admitted)).toHaveLength(10);
    expect(decisions.every(({ without }) => without === undefined)).toBe(true);
    expect(decisions[9]?.standings.map(({ remaining }) => remaining)).toEqual([0, 1, 2, 3]);
    expect(decisions.at(-1)?.standings.filter(({ admits }) => !admits)).toMatchObject([{ remaining: 0 }]);
  });

  test('leases and their lives are in one slot', async () => {
    const { limiter, store } = rig();
    store.isCluster = true;
    const strict = limitOf({ requests_per_second: 100, after_lost_data: 'strict' });
    expect((await limiter.take([demandOf(strict)])).without).toBeUndefined();
  });
});

const rigs: Rig[] = [];
const rig = () => {
  const one = new Rig();
  rigs.push(one);
  return one;
};
afterEach(() => {
  for (const one of rigs.splice(0)) one.limiter.close();
  vi.useRealTimers();
});

const hot = limitOf({ requests_per_second: 1000, burst: 1000 });
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('Tokens that are taken ahead', () => {
  test('serve a hot key at once, and with less than one call for twenty requests', async () => {
    const { limiter, store, ...one } = rig();
    const times = rigs[0] as Rig;
    let [promised, admitted] = [0, 0];
    for (let ms = 0; ms < 3000; ms++) {
      const decision = limiter.take([demandOf(hot)]);
      if (decision instanceof Promise) promised += 1;
      if ((await decision).admitted) admitted += 1;
      await settle();
      times.advance(1);
    }
    expect(one.members).toBe(4);
    expect(admitted).toBe(3000);
    expect(promised).toBeLessThan(10);
    expect(store.calls / 3000).toBeLessThan(0.05);
  });

  test('cost Redis nothing where it has said no', async () => {
    const { limiter, store } = rig();
    const slow = limitOf({ limit: 10, window: '1m' });
    for (let time = 0; time < 20; time++) await limiter.take([demandOf(slow)]);
    const before = store.calls;
    for (let time = 0; time < 1000; time++) expect(limiter.take([demandOf(slow)])).toMatchObject({ admitted: false });
    expect(store.calls).toBe(before);
  });

  test('go back when nobody uses them, while others can', async () => {
    const times = rig();
    const { limiter, redis, store } = times;
    for (let ms = 0; ms < 200; ms++) {
      await limiter.take([demandOf(hot)]);
      await settle();
      times.advance(1);
    }
    times.advance(400);
    const [bucket] = [...redis.buckets.values()];
    expect(bucket?.slices.some(({ ids }) => ids.length > 0)).toBe(true);
    times.advance(2000);
    expect(limiter.keys).toBe(0);
    const { calls } = store;
    times.advance(2000);
    expect([store.calls, times.clock.pending]).toEqual([calls, 0]);
  });

  test('are not spent when they have died in a process that stood still', async () => {
    const times = rig();
    const { limiter, store } = times;
    for (let ms = 0; ms < 50; ms++) {
      await limiter.take([demandOf(hot)]);
      times.advance(1);
    }
    await settle();
    store.become('down');
    expect(limiter.take([demandOf(hot)])).toMatchObject({ admitted: true });
    times.advance(490);
    const decision = await limiter.take([demandOf(hot)]);
    expect(decision.without).toBe('local');
  });

  test('of a limit that is too small for it are not taken ahead', async () => {
    const { limiter, redis } = rig();
    const small = limitOf({ requests_per_second: 100, burst: 2 });
    for (let time = 0; time < 3; time++) await limiter.take([demandOf(small)]);
    expect([...redis.buckets.values()].map(({ slices }) => slices)).toEqual([[]]);
    expect(limiter.view()).toEqual({ exact_by_themselves: ['token_bucket'], redis_too_slow_for_leases: false });
  });
});

test('Through a Redis that is slower than leases live, each request asks', async () => {
  const { limiter, redis, store } = rig();
  store.latency = 300;
  for (let time = 0; time < 3; time++) await limiter.take([demandOf(hot)]);
  expect([store.calls, [...redis.buckets.values()].map(({ slices }) => slices)]).toEqual([3, [[]]]);
  expect(limiter.view()).toEqual({ exact_by_themselves: [], redis_too_slow_for_leases: true });
});

describe('Without Redis', () => {
  const ask = async (limiter: RedisRateLimiter, written: object, times: number) => {
    const decisions: Decision[] = [];
    for (let time = 0; time < times; time++) decisions.push(await limiter.take([demandOf(limitOf({ ...hourly, ...written }))]));
    return decisions;
  };
  const hourly = { limit: 40, window: '1h' };
  const admitted = (decisions: readonly Decision[]) => decisions.filter((one) => one.admitted).length;

  test('an instance has its share of a limit, across outages', async () => {
    const { limiter, store } = rig();
    for (let outage = 0; outage < 3; outage++) {
      store.become('down');
      const decisions = await ask(limiter, {}, 30);
      expect(admitted(decisions)).toBe(outage === 0 ? 10 : 0);
      expect(new Set(decisions.map(({ without }) => without))).toEqual(new Set(['local']));
      store.become('up');
    }
  });

  test('its share fills at its rate', async () => {
    const times = rig();
    times.store.become('down');
    expect(admitted(await ask(times.limiter, {}, 30))).toBe(10);
    times.advance(360_000);
    expect(admitted(await ask(times.limiter, {}, 30))).toBe(1);
  });

  test('a share is never smaller than a request', async () => {
    const times = rig();
    times.members = 100;
    times.store.become('down');
    expect(admitted(await ask(times.limiter, { cost: 5 }, 10))).toBe(1);
  });

  test('nobody passes where nobody knows how many share', async () => {
    const times = rig();
    times.members = 0;
    times.store.become('down');
    expect(await ask(times.limiter, {}, 1)).toMatchObject([{ admitted: false, without: 'closed' }]);
  });

  test.each([
    ['open', true],
    ['closed', false],
  ])('a limit may be %s', async (when_redis_is_down, passes) => {
    const { limiter, store } = rig();
    store.become('down');
    const decisions = await ask(limiter, { when_redis_is_down }, 50);
    expect(new Set(decisions.map((one) => one.admitted))).toEqual(new Set([passes]));
    expect(decisions[0]).toMatchObject({ without: when_redis_is_down });
  });

  test.each(['late', 'lost', 'refused'] as const)('what is %s is decided here', async (kind) => {
    const { limiter, store } = rig();
    store.fails = kind;
    const decisions = [...(await ask(limiter, {}, 20)), ...(await ask(limiter, { mode: 'exact' }, 20))];
    expect(admitted(decisions)).toBe(10);
  });

  test.each([[null], ['text'], [[1]], [[1, 'x', 0, 0, 0, 0]], [[1, -1, 0, 0, 0, 0]]])(
    'garbage is no answer: %j',
    async (answer) => {
      const { limiter, store } = rig();
      store.answer = () => answer;
      expect(admitted([...(await ask(limiter, {}, 20)), ...(await ask(limiter, { mode: 'exact' }, 20))])).toBe(10);
    },
  );

  test('limits of several kinds are decided together', async () => {
    const { limiter, store } = rig();
    store.become('down');
    const local = demandOf(limitBy('sliding_window' as 'sliding_log', 40, 60_000));
    const demands = [
      demandOf(limitOf({ ...hourly, when_redis_is_down: 'open' }), 'k', 1, 'o'),
      { ...local, policy: { ...local.policy, algorithm: 'sliding_log' as const } },
    ];
    const decisions: Decision[] = [];
    for (let time = 0; time < 12; time++) decisions.push(await limiter.take(demands));
    expect(admitted(decisions)).toBe(10);
    expect(decisions.at(-1)?.standings.map(({ admits }) => admits)).toEqual([true, false]);
  });
});

test('An answer that is too old to be used is thrown away', async () => {
  const times = rig();
  const exact = limitOf({ limit: 4, window: '1h', mode: 'exact' });
  times.store.answer = (reply) => {
    times.clock.advance(101);
    return reply;
  };
  expect(await times.limiter.take([demandOf(exact)])).toMatchObject({ without: 'local' });
});
