import { RedisConcurrency } from '../../src/layers/concurrency/redis/redis-concurrency.ts';
import type { LeasedBucket } from '../../src/layers/rate-limit/redis/leased-bucket.ts';
import { Leases } from '../../src/layers/rate-limit/redis/leases.ts';
import { RedisRateLimiter } from '../../src/layers/rate-limit/redis/redis-limiter.ts';
import { Keys } from '../../src/redis/keys.ts';
import type { Script } from '../../src/redis/script.ts';
import { TwinRedis } from '../layers/rate-limit/redis/twin-redis.ts';
import { ManualClock } from './manual-clock.ts';
import { TwinStore } from './twin-store.ts';

/** A store whose answers a test can keep back. */
export class GateStore extends TwinStore {
  /** What answers wait for. */
  gate: Promise<void> | undefined;

  override async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const reply = await super.run(script, keys, args);
    if (this.gate !== undefined) await this.gate;
    return reply;
  }

  /** @returns lets them go */
  shut(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    return () => {
      this.gate = undefined;
      resolve();
    };
  }
}

export async function turns(count = 30): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined;
}

/** Members with one Redis, and clocks that run alike. */
export class TwinMembers {
  readonly redis = new TwinRedis();
  readonly clocks: ManualClock[] = [];
  private readonly keys = new Keys('s:', 'f');

  private member(): { clock: ManualClock; store: GateStore } {
    const [clock, store] = [new ManualClock(), new GateStore(this.redis)];
    this.clocks.push(clock);
    return { clock, store };
  }

  limiter(divisor = 4) {
    const { clock, store } = this.member();
    const { keys } = this;
    const one = new RedisRateLimiter({ store, keys, clock, commandTimeout: 100, divisor: () => divisor });
    return { clock, store, one };
  }

  concurrency(divisor = 2) {
    const { clock, store } = this.member();
    const { keys } = this;
    return {
      clock,
      store,
      one: new RedisConcurrency({ store, keys, clock, id: `m${this.clocks.length}`, divisor: () => divisor }),
    };
  }

  /** A table of leases by itself. */
  leases(): {
    clock: ManualClock;
    store: GateStore;
    leases: Leases;
    find: (demand: Parameters<Leases['find']>[0]) => LeasedBucket;
  } {
    const { clock, store } = this.member();
    const leases = new Leases({ store, keys: this.keys, clock });
    return { clock, store, leases, find: (demand) => leases.find(demand) };
  }

  async advance(ms: number, step = 10): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.redis.now += step * 1000;
      for (const clock of this.clocks) clock.advance(step);
      await turns();
    }
  }
}
