import type { Clock } from '../../../lib/clock.ts';
import type { Keys } from '../../../redis/keys.ts';
import { type Store, StoreError } from '../../../redis/store.ts';
import type { Concurrency, Permit } from '../concurrency.ts';
import { HeldBucket } from './held-bucket.ts';
import { HOLD } from './hold-script.ts';

/** Milliseconds after which the places of a member that is dead go to others. */
const TTL = 5000;
const RENEW_EVERY = 100;
/** Milliseconds for which nobody is asked whether a place has become free. */
const PAUSE = 20;
/** Milliseconds for which a place is kept that has become free, for the next one. */
const KEEP = 100;
/** Milliseconds after an outage in which the others find Redis again, too, and say what they hold. */
const RETURN = 2000;
/** Calls that one request waits for, at most: others may be served before it with what came. */
const MOST_CALLS = 3;

export interface RedisConcurrencyTools {
  readonly store: Store;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Of this member. */
  readonly id: string;
  /** Instances that share the limits while Redis is away; 0: nobody knows. */
  readonly divisor: () => number;
}

/**
 * Counts who is in over a fleet: an instance holds places in Redis and gives them to requests. The fleet has never more than
 * `limit` requests in, but for those of members that stood still for longer than 5 s and whose places went to others, and for
 * up to 2 s after Redis has lost its data. A place that has become free is kept for 0.1 s by whoever had it. Redis away: what is
 * held counts on; then each instance lets in its share, `limit ÷ d`, one at least (all, where nobody knows d).
 * Answers at once where a place is held, and where there was none a moment ago. Never rejects.
 */
export class RedisConcurrency implements Concurrency {
  private readonly tools: RedisConcurrencyTools;
  private readonly buckets = new Map<string, HeldBucket>();
  private readonly renewedAt = new Map<HeldBucket, number>();
  private stop: (() => void) | undefined;
  private readonly off: () => void;
  private isDown: boolean;
  /** When Redis was last found again. */
  private backAt = Number.NEGATIVE_INFINITY;

  constructor(tools: RedisConcurrencyTools) {
    this.tools = tools;
    this.stop = undefined;
    const { store, clock } = tools;
    this.isDown = store.state.condition === 'down';
    this.off = store.onState(({ condition }) => {
      const wasDown = this.isDown;
      this.isDown = condition === 'down';
      if (!wasDown || this.isDown) return;
      // What is taken here may have gone to others there: all say at once what they have.
      this.backAt = clock.now();
      for (const bucket of this.buckets.values()) this.renewedAt.set(bucket, Number.NEGATIVE_INFINITY);
      this.renew();
    });
  }

  /** Buckets of which this instance holds places. */
  get size(): number {
    return this.buckets.size;
  }

  enter(name: string, limit: number): Permit | undefined | Promise<Permit | undefined> {
    const { clock, store } = this.tools;
    const now = clock.now();
    const bucket = this.find(name, limit, now);
    if (bucket.hasRoom(now)) return this.take(bucket, now);
    if (store.state.condition === 'down') return this.takeShare(bucket, now);
    if (bucket.denies(now) || (now - this.backAt < RETURN && bucket.taken + bucket.waiting >= this.share(bucket)))
      return undefined;
    return this.takeLater(bucket);
  }

  private find(name: string, limit: number, now: number): HeldBucket {
    let bucket = this.buckets.get(name);
    if (bucket === undefined) {
      bucket = new HeldBucket(this.tools.keys.bucket('concurrency', name), limit, now);
      this.buckets.set(name, bucket);
      this.stop ??= this.tools.clock.every(RENEW_EVERY, () => this.renew());
    }
    bucket.limit = limit;
    return bucket;
  }

  private take(bucket: HeldBucket, now: number): Permit {
    bucket.taken += 1;
    bucket.usedAt = now;
    bucket.peak = Math.max(bucket.peak, bucket.taken);
    let left = false;
    return {
      leave: () => {
        if (left) return;
        left = true;
        bucket.taken -= 1;
      },
    };
  }

  private takeShare(bucket: HeldBucket, now: number): Permit | undefined {
    return bucket.taken < this.share(bucket) ? this.take(bucket, now) : undefined;
  }

  private share({ limit }: HeldBucket): number {
    return Math.max(1, Math.floor(limit / Math.max(1, this.tools.divisor())));
  }

  private async takeLater(bucket: HeldBucket): Promise<Permit | undefined> {
    const { clock } = this.tools;
    bucket.waiting += 1;
    try {
      for (let calls = 0; calls < MOST_CALLS; calls++) {
        await this.ask(bucket);
        // Looked at and taken in one step: others wait for the same places.
        const now = clock.now();
        if (bucket.hasRoom(now)) return this.take(bucket, now);
        if (bucket.denies(now)) return undefined;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return this.takeShare(bucket, clock.now());
    } finally {
      bucket.waiting -= 1;
    }
  }

  private async ask(bucket: HeldBucket): Promise<void> {
    bucket.asking ??= this.call(bucket).finally(() => {
      bucket.asking = undefined;
    });
    await bucket.asking;
  }

  private async call(bucket: HeldBucket): Promise<void> {
    const { store, clock, id } = this.tools;
    const sentAt = clock.now();
    const needed = bucket.taken + bucket.waiting;
    const want = bucket.want(sentAt - bucket.usedAt < KEEP);
    bucket.letGo(want);
    this.renewedAt.set(bucket, sentAt);
    const reply = await store.run(HOLD, [bucket.key], [bucket.limit, id, want, bucket.taken, TTL]);
    const [held] = Array.isArray(reply) ? reply.map(Number) : [];
    if (held === undefined || !Number.isInteger(held) || held < 0) throw new StoreError('refused', 'not a reply of the script');
    bucket.settle(held, needed, sentAt, TTL, clock.now(), PAUSE);
  }

  /** Holds what is taken for longer, and lets go of what has not been taken for a while. */
  private renew(): void {
    const now = this.tools.clock.now();
    for (const [name, bucket] of this.buckets) {
      const isIdle = bucket.taken === 0 && bucket.waiting === 0 && bucket.asking === undefined && now - bucket.usedAt >= KEEP;
      const isDue = now - (this.renewedAt.get(bucket) ?? now) >= TTL / 3;
      const keeps = now - bucket.usedAt < KEEP ? Math.max(bucket.peak, bucket.want(true)) - bucket.taken : 0;
      const isSpare = bucket.spare(now) > keeps;
      bucket.peak = bucket.taken;
      if (isIdle && !bucket.holds) this.forget(name, bucket);
      // In the order in which they were made: a hold that comes later must not be undone by this.
      else if (isIdle)
        this.ask(bucket).then(
          () => this.forgetIdle(name, bucket),
          () => this.forgetIdle(name, bucket),
        );
      else if (bucket.asking === undefined && (isDue || isSpare)) this.ask(bucket).catch(() => {});
    }
    if (this.buckets.size === 0) this.rest();
  }

  private forgetIdle(name: string, bucket: HeldBucket): void {
    if (bucket.taken === 0 && bucket.waiting === 0) this.forget(name, bucket);
  }

  private forget(name: string, bucket: HeldBucket): void {
    this.buckets.delete(name);
    this.renewedAt.delete(bucket);
  }

  private rest(): void {
    this.stop?.();
    this.stop = undefined;
  }

  close(): void {
    this.off();
    this.rest();
  }
}
