import { expect, onTestFinished } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { redisSchema } from '../../src/redis/config.ts';
import { RedisStore } from '../../src/redis/redis-store.ts';
import { script } from '../../src/redis/script.ts';
import { StoreError, type StoreState } from '../../src/redis/store.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { Recorder } from '../../test/support/recorder.ts';

export const INCREMENT = script('increment', "#!lua\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])");

/** A store that remembers what it went through. Closed with the test. */
export class WatchedStore {
  readonly store: RedisStore;
  readonly recorder = new Recorder();
  readonly metrics = new Metrics();
  readonly states: StoreState[] = [];

  /** @param config as users write it */
  constructor(config: object) {
    this.store = new RedisStore({
      config: redisSchema.parse(config),
      probeKey: 'sluice:{probe:test}',
      clock: systemClock,
      logger: this.recorder.logger,
      metrics: this.metrics,
    });
    this.store.onState((state) => void this.states.push(state));
    onTestFinished(() => this.store.close());
  }

  static async open(config: object): Promise<WatchedStore> {
    const watched = new WatchedStore(config);
    await watched.store.open();
    return watched;
  }

  /** @returns the number, or the kind of the error */
  async increment(key = '{a}count', by = 1): Promise<unknown> {
    return this.store.run(INCREMENT, [key], [by]).catch((error) => {
      expect(error).toBeInstanceOf(StoreError);
      return error.kind;
    });
  }

  async becomes(condition: StoreState['condition'], reason: RegExp = /^/, timeout = 5000): Promise<void> {
    await expect
      .poll(() => this.store.state, { timeout, interval: 5 })
      .toMatchObject({ condition, reason: expect.stringMatching(reason) });
  }

  /** Ms that a command takes, in the middle of twenty in turn: a machine with other work makes a few of them slow. */
  async cost(): Promise<number> {
    const took: number[] = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      await this.increment();
      took.push(performance.now() - began);
    }
    return took.sort((a, b) => a - b)[10] as number;
  }

  get lines(): string[] {
    return this.recorder.entries.map(([level, , message]) => `${level}: ${message}`);
  }
}
