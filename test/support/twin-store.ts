import type { Script } from '../../src/redis/script.ts';
import { type ChannelListener, type Store, StoreError, type StoreState } from '../../src/redis/store.ts';
import type { TwinRedis } from '../layers/rate-limit/redis/twin-redis.ts';

const UP: StoreState = { condition: 'up', reason: '', since: 0 };

/** A store that answers at once, from a twin of Redis, or not at all. */
export class TwinStore implements Store {
  isCluster = false;
  state: StoreState = UP;
  latency = 0;
  /** Commands that were sent. */
  calls = 0;
  /** What becomes of the next commands in place of an answer; they are carried out all the same. */
  fails: StoreError['kind'] | undefined;
  /** What is made of what the script says, while it travels. */
  answer = (reply: unknown): unknown => reply;
  private readonly redis: TwinRedis;
  private readonly listeners = new Set<(state: StoreState) => void>();

  constructor(redis: TwinRedis) {
    this.redis = redis;
    this.fails = undefined;
  }

  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.state.condition === 'down') throw new StoreError('down', 'it is down');
    this.calls += 1;
    const slots = new Set(keys.map((key) => /\{.*?\}/.exec(key)?.[0]));
    if (this.isCluster && slots.size > 1) throw new StoreError('refused', 'keys in several slots');
    // As they travel: as texts.
    const reply = this.redis.run(script, keys, args.map(String));
    await Promise.resolve();
    if (this.fails !== undefined) throw new StoreError(this.fails, 'as the test says');
    return this.answer(reply);
  }

  become(condition: StoreState['condition']): void {
    this.state = { condition, reason: condition === 'up' ? '' : 'as the test says', since: 0 };
    for (const listener of this.listeners) listener(this.state);
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  listen(_channel: string, _listener: ChannelListener): () => void {
    return () => {};
  }

  publish(): void {}
}
