import type { RateLimitConfig } from '../../src/layers/rate-limit/config.ts';
import type { Decision } from '../../src/layers/rate-limit/limiter.ts';
import { RedisRateLimiter } from '../../src/layers/rate-limit/redis/redis-limiter.ts';
import { Keys } from '../../src/redis/keys.ts';
import { demandOf, limitOf } from '../layers/rate-limit/limits.ts';
import type { Rule } from '../layers/rate-limit/redis/bucket-twin.ts';
import { TwinRedis } from '../layers/rate-limit/redis/twin-redis.ts';
import { Link, type Weather } from './link.ts';
import { Machine, World } from './world.ts';

/** What happens in a history. Parts of 1 and times in µs. */
export interface Story {
  readonly seed: number;
  readonly nodes: number;
  readonly limit: Record<string, unknown>;
  /** Requests a second, of all nodes. */
  readonly demand: number;
  /** The part of them that comes to a fifth of the nodes. Absent: all alike. */
  readonly skew?: number;
  /** What an instance divides limits by without Redis; absent: nobody knows. */
  readonly divisor?: number;
  readonly length: number;
  readonly weather?: Partial<Weather>;
  /** How often a second a node's program is stopped, and for how long at most. */
  readonly pauses?: number;
  readonly longestPause?: number;
  /** How often a second a node is cut off. */
  readonly cuts?: number;
  /** When Redis starts without its data. */
  readonly lossAt?: readonly number[];
  /** When Redis' clock steps, and by what. */
  readonly steps?: readonly (readonly [at: number, by: number])[];
  readonly broken?: readonly Rule[];
  /** ms; what is older is thrown away. */
  readonly patience?: number;
  /** Machines' clocks run so much faster or slower. */
  readonly drift?: number;
  /** Seconds in which nobody asks. */
  readonly quiet?: readonly (readonly [from: number, to: number])[];
}

export interface Outcome {
  /** How many tokens beyond `rate·t` any window let through, at most: the bound is the burst, and the terms of the history. */
  readonly excess: number;
  /** The same of what was decided without Redis, too, by a rate. */
  readonly excessWithout: (rate: number) => number;
  readonly admitted: number;
  readonly asked: number;
  readonly calls: number;
  /** Decisions without Redis. */
  readonly without: number;
  readonly policy: RateLimitConfig;
}

/** Plays a history with the program's own limiter on every node. */
export async function play(story: Story): Promise<Outcome> {
  const { nodes: count, demand, length, drift = 0.01, patience = 100 } = story;
  const world = new World(story.seed);
  const policy = limitOf(story.limit);
  const redis = new TwinRedis(1_800_000_000_000_000, new Set(story.broken));
  const epoch = redis.now;
  let shift = 0;
  const served = () => {
    redis.now = epoch + Math.round(world.now) + shift;
    return redis;
  };
  for (const [at, by] of story.steps ?? []) world.after(at, () => (shift += by));
  for (const [which, at] of (story.lossAt ?? []).entries())
    world.after(at, () => {
      redis.lose();
      redis.source = `life ${which}`;
    });
  const weather: Weather = { least: 100, most: 2000, loss: 0, twice: 0, ...story.weather };
  // Strict and without terms: what is decided without Redis is not counted here.
  const events: { at: number; cost: number }[] = [];
  const all: { at: number; cost: number }[] = [];
  let [asked, without] = [0, 0];
  const nodes = Array.from({ length: count }, () => {
    const machine = new Machine(world, 1 + (world.random() * 2 - 1) * drift);
    const store = new Link(machine, served, weather, 100);
    const limiter = new RedisRateLimiter({
      ...{ store, keys: new Keys('s:', 'f'), clock: machine, commandTimeout: patience, divisor: () => story.divisor ?? 0 },
    });
    return { machine, store, limiter };
  });
  const decided = (decision: Decision) => {
    if (decision.without !== undefined) without += 1;
    if (decision.admitted) all.push({ at: world.now, cost: policy.cost });
    if (decision.admitted && decision.without === undefined) events.push({ at: world.now, cost: policy.cost });
  };
  const isQuiet = () => story.quiet?.some(([from, to]) => world.now >= from * 1e6 && world.now < to * 1e6) ?? false;
  const busy = Math.ceil(count / 5);
  for (const [at, { machine, store, limiter }] of nodes.entries()) {
    const { skew } = story;
    const part = skew === undefined || busy === count ? 1 / count : at < busy ? skew / busy : (1 - skew) / (count - busy);
    const arrive = () => {
      world.after((-Math.log(1 - world.random()) * 1e6) / (demand * part), arrive);
      if (isQuiet()) return;
      asked += 1;
      machine.when(() => {
        const decision = limiter.take([demandOf(policy, 'k', policy.cost)]);
        if (decision instanceof Promise) void decision.then(decided);
        else decided(decision);
      });
    };
    arrive();
    const often = (perSecond: number | undefined, what: () => void) => {
      if (perSecond === undefined) return;
      const again = () =>
        world.after((-Math.log(1 - world.random()) * 1e6) / perSecond, () => {
          what();
          again();
        });
      again();
    };
    often(story.pauses, () => machine.pause(world.between(1000, story.longestPause ?? 2_000_000)));
    often(story.cuts, () => {
      store.cut = true;
      world.after(world.between(50_000, 1_500_000), () => (store.cut = false));
    });
  }
  await world.run(length);
  const calls = nodes.reduce((sum, { store }) => sum + store.calls, 0);
  for (const { limiter } of nodes) limiter.close();
  const excessWithout = (rate: number) => excessOf(all, rate);
  return {
    excess: excessOf(events, policy.rate),
    excessWithout,
    admitted: events.length * policy.cost,
    asked,
    calls,
    without,
    policy,
  };
}

/** A bucket without a bottom: how full it would have been, at its fullest. */
function excessOf(events: readonly { at: number; cost: number }[], rate: number): number {
  let [level, last, most] = [0, 0, 0];
  for (const { at, cost } of events) {
    level = Math.max(0, level - ((at - last) / 1e6) * rate) + cost;
    last = at;
    most = Math.max(most, level);
  }
  return most;
}
