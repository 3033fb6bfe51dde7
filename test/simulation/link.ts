import type { Script } from '../../src/redis/script.ts';
import { type Store, StoreError, type StoreState } from '../../src/redis/store.ts';
import type { TwinRedis } from '../layers/rate-limit/redis/twin-redis.ts';
import type { Machine, World } from './world.ts';

/** How a network is: times in µs, parts of 1. */
export interface Weather {
  readonly least: number;
  readonly most: number;
  readonly loss: number;
  readonly twice: number;
}

/** Failures in a row after which the store counts as down. */
const PATIENCE = 3;

/** What a machine sees of Redis: through a network that delays, loses and doubles, and can be cut. */
export class Link implements Store {
  readonly isCluster = false;
  readonly latency = 1;
  state: StoreState = { condition: 'up', reason: '', since: 0 };
  calls = 0;
  cut = false;
  private readonly world: World;
  private readonly machine: Machine;
  private readonly redis: () => TwinRedis;
  private readonly weather: Weather;
  private readonly timeout: number;
  private readonly listeners = new Set<(state: StoreState) => void>();
  private failures = 0;

  /** @param timeout ms */
  constructor(machine: Machine, redis: () => TwinRedis, weather: Weather, timeout: number) {
    this.world = machine.world;
    this.machine = machine;
    this.redis = redis;
    this.weather = weather;
    this.timeout = timeout;
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.state.condition === 'down') return Promise.reject(new StoreError('down', 'it is down'));
    this.calls += 1;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const off = this.machine.after(this.timeout, () => {
      this.failed();
      reject(new StoreError('late', 'no answer in time'));
    });
    this.travel(() => {
      const reply = this.redis().run(script, keys, args.map(String));
      this.travel(() =>
        this.machine.when(() => {
          off();
          this.failures = 0;
          resolve(reply);
        }),
      );
    });
    return promise;
  }

  private travel(arrive: () => void): void {
    const { least, most, loss, twice } = this.weather;
    for (let copies = this.world.chance(twice) ? 2 : 1; copies > 0; copies--) {
      if (this.world.chance(loss)) continue;
      // A cut is found out on arrival, and when it is sent.
      if (!this.cut) this.world.after(this.world.between(least, most), () => this.cut || arrive());
    }
  }

  private failed(): void {
    this.failures += 1;
    if (this.failures < PATIENCE || this.state.condition === 'down') return;
    this.become('down');
    this.retry();
  }

  private retry(): void {
    this.machine.after(100, () => (this.cut ? this.retry() : this.become('up')));
  }

  private become(condition: StoreState['condition']): void {
    this.failures = 0;
    this.state = { condition, reason: '', since: this.machine.now() };
    for (const listener of this.listeners) listener(this.state);
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  listen(): () => void {
    return () => {};
  }

  publish(): void {}
}
