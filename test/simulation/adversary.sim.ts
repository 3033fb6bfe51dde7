import { GIVE_BACK, TAKE } from '../../src/layers/rate-limit/redis/take-script.ts';
import type { Rule } from '../layers/rate-limit/redis/bucket-twin.ts';
import { TwinRedis } from '../layers/rate-limit/redis/twin-redis.ts';
import { World } from './world.ts';

const TAU = 500_000;

interface Lease {
  readonly id: string;
  readonly expiry: number;
  readonly diesAt: number;
  tokens: number;
}

/** What somebody may do who keeps to the rules for holders of leases and wishes the bucket ill. */
export interface Attack {
  readonly seed: number;
  readonly rate: number;
  readonly burst: number;
  readonly steps: number;
  /** µs between two steps, at most. */
  readonly pace: number;
  readonly strict?: boolean;
  /** Parts of 1: of steps at which the data are lost, at which the clock of Redis steps back. */
  readonly loss?: number;
  readonly back?: number;
  readonly broken?: readonly Rule[];
}

/** @returns tokens beyond `rate·t` that some window let through, at most */
export function attack({ seed, rate, burst, steps, pace, strict = false, loss = 0, back = 0, broken = [] }: Attack): number {
  const world = new World(seed);
  const redis = new TwinRedis(1_800_000_000_000_000, new Set(broken));
  let leases: Lease[] = [];
  const given: Lease[] = [];
  let [level, last, most, lives] = [0, 0, 0, 0];
  const spend = (tokens: number) => {
    level = Math.max(0, level - ((world.now - last) / 1e6) * rate) + tokens;
    last = world.now;
    most = Math.max(most, level);
  };
  const take = (cost: number, want: number) => {
    const id = `${seed} ${world.now} ${world.random()}`;
    const keys = strict ? ['b', 'life'] : ['b'];
    const args = [id, 'b', burst, rate, (burst / rate) * 1e6, cost, want, TAU, strict ? 1 : 0];
    const [admitted = 0, tokens = 0, expiry = 0] = redis.run(TAKE, keys, args) as number[];
    return { id, expiry, tokens: admitted === 1 ? tokens : 0 };
  };
  const spendAll = () => {
    for (const lease of leases) {
      spend(lease.tokens);
      lease.tokens = 0;
    }
  };
  const giveBack = ({ expiry, tokens, id }: Lease) => redis.run(GIVE_BACK, ['b'], [burst, rate, expiry, tokens, id, TAU]);
  for (let step = 0; step < steps; step++) {
    // Long waits beside short ones: for all that is known to expire in between.
    const wait = world.chance(0.1) ? world.between(0, 3 * TAU) : world.between(0, pace);
    world.now += wait;
    redis.now += wait;
    leases = leases.filter(({ diesAt, tokens }) => diesAt > world.now && tokens > 0);
    const chance = world.random();
    if (chance < 0.4) {
      const { id, expiry, tokens } = take(1, world.chance(0.6) ? burst : world.between(1, burst));
      if (tokens > 0) leases.push({ id, expiry, tokens, diesAt: world.now + 0.98 * TAU });
    } else if (chance < 0.55) spendAll();
    else if (chance < 0.65) {
      for (let more = world.between(1, burst); more > 0; more--) if (take(1, 0).tokens > 0) spend(1);
    } else if (chance < 0.8) {
      const lease = leases.splice(world.between(0, leases.length), 1)[0];
      if (lease !== undefined) {
        giveBack(lease);
        given.push(lease);
      }
    } else if (chance < 0.9) {
      // A message that comes twice, or late.
      const lease = given[given.length - 1 - world.between(0, 3)];
      if (lease !== undefined) giveBack(lease);
    } else if (chance < 0.9 + loss) {
      redis.lose();
      lives += 1;
      redis.source = `life ${lives}`;
    } else if (chance < 0.9 + loss + back) redis.now -= world.between(1, 20_000_000);
    else if (leases.length > 0) {
      // Until just before the oldest dies; then everything at once, of the leases and of the bucket.
      const until = Math.max(0, (leases[0] as Lease).diesAt - world.now - 1);
      world.now += until;
      redis.now += until;
      spendAll();
      for (let more = burst; more > 0; more--) {
        if (take(1, 0).tokens === 0) break;
        spend(1);
      }
    }
  }
  return most;
}
