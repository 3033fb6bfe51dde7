import { randomBytes } from 'node:crypto';
import { StoreError } from '../../../redis/store.ts';
import type { Demand } from '../limiter.ts';
import { type Lease, LeasedBucket } from './leased-bucket.ts';
import type { RedisLimiterTools } from './limiter-tools.ts';
import { argumentsOf, isStrict, readReply } from './take-call.ts';
import { GIVE_BACK, TAKE } from './take-script.ts';

/** Buckets that are remembered. Beyond, those that hold nothing are forgotten, and asked for anew. */
const MOST = 200_000;
const SWEEP_EVERY = 50;
const SWEEP_LOOKS = 2000;
/** From this part of its life on, what is not used of a lease goes back. */
const TO_GIVE_BACK = 0.6;

type Tools = Pick<RedisLimiterTools, 'store' | 'keys' | 'clock'>;

interface Held {
  readonly bucket: LeasedBucket;
  readonly lease: Lease;
  readonly grantedAt: number;
}

/** All that this instance holds ahead. */
export class Leases {
  private readonly tools: Tools;
  private readonly limits = new Map<string, Map<string, LeasedBucket>>();
  /** In the order in which they were granted. */
  private readonly held: Held[] = [];
  private count = 0;
  private stop: (() => void) | undefined;
  /** Ids need to differ within the life of a slice, in the whole fleet. */
  private readonly nonce = randomBytes(9).toString('base64url');
  private calls = 0;

  constructor(tools: Tools) {
    this.tools = tools;
    this.stop = undefined;
  }

  get size(): number {
    return this.count;
  }

  find(demand: Demand): LeasedBucket {
    let buckets = this.limits.get(demand.limit);
    if (buckets === undefined) {
      buckets = new Map();
      this.limits.set(demand.limit, buckets);
    }
    let bucket = buckets.get(demand.key);
    if (bucket === undefined) {
      const { keys, clock } = this.tools;
      bucket = new LeasedBucket(demand, keys.bucket(demand.limit, demand.key), clock.now());
      buckets.set(demand.key, bucket);
      this.count += 1;
      this.stop ??= clock.every(SWEEP_EVERY, () => this.sweep());
    }
    // One that costs nothing only looks.
    if (demand.cost > 0) bucket.become(demand);
    return bucket;
  }

  /** A text that no other call of the fleet has. */
  id(): string {
    this.calls += 1;
    return `${this.nonce}${this.calls.toString(36)}`;
  }

  /** Asks for tokens, with whoever asks already. Rejects with `StoreError`. */
  async ask(bucket: LeasedBucket): Promise<void> {
    bucket.asking ??= this.call(bucket).finally(() => {
      bucket.asking = undefined;
    });
    await bucket.asking;
  }

  /** Asks ahead of need: whoever has nothing to spend in the end asks again and hears what is wrong. */
  askAhead(bucket: LeasedBucket): void {
    this.ask(bucket).catch(() => {});
  }

  private async call(bucket: LeasedBucket): Promise<void> {
    const { store, keys, clock } = this.tools;
    const { demand, key, tau } = bucket;
    const sentAt = clock.now();
    const want = bucket.want(sentAt);
    const id = this.id();
    const names = isStrict(demand.policy) ? [key, keys.life(key)] : [key];
    const reply = readReply(await store.run(TAKE, names, [id, ...argumentsOf(demand, want, tau)]), [demand]);
    if (reply === undefined) throw new StoreError('refused', 'not a reply of the script');
    const lease = bucket.settle(id, reply, { demand, want, tau, sentAt }, clock.now());
    if (lease !== undefined) this.held.push({ bucket, lease, grantedAt: sentAt });
  }

  /** What nobody needs goes back while it is of use to others; once, and whether it arrives is not asked. */
  private sweep(): void {
    const now = this.tools.clock.now();
    let done = 0;
    for (const { bucket, lease, grantedAt } of this.held) {
      const { tau } = bucket;
      if (now - grantedAt < tau * TO_GIVE_BACK || done === SWEEP_LOOKS) break;
      done += 1;
      if (lease.tokens > 0 && lease.diesAt > now && now - bucket.usedAt > tau / 4) this.giveBack(bucket, lease);
    }
    this.held.splice(0, done);
    this.forget(now);
    if (this.count === 0 && this.held.length === 0) this.close();
  }

  private giveBack({ demand: { policy }, key, tau }: LeasedBucket, lease: Lease): void {
    const { tokens } = lease;
    // First of all: what is given back cannot be spent here any more.
    lease.tokens = 0;
    const { store } = this.tools;
    const values = [policy.limit, policy.rate, lease.expiry, tokens, lease.id, Math.round(tau * 1000)];
    store.run(GIVE_BACK, [key], values).catch(() => {});
  }

  /** Looks at some, and forgets those of which nothing is known. Over the cap, also those that are known to be empty. */
  private forget(now: number): void {
    let looks = SWEEP_LOOKS;
    let unseen = this.limits.size;
    for (const [limit, buckets] of this.limits) {
      if (unseen-- === 0 || looks <= 0) return;
      looks -= 1 + this.forgetSome(buckets, looks, now);
      this.limits.delete(limit);
      // To the end of the line: the next sweep begins with another.
      if (buckets.size > 0) this.limits.set(limit, buckets);
    }
  }

  private forgetSome(buckets: Map<string, LeasedBucket>, most: number, now: number): number {
    const looks = Math.min(buckets.size, most);
    let left = looks;
    for (const [key, bucket] of buckets) {
      if (left-- === 0) break;
      buckets.delete(key);
      const isSpare = this.count > MOST && bucket.asking === undefined && bucket.held(now) === 0;
      if (isSpare || bucket.isIdle(now)) this.count -= 1;
      else buckets.set(key, bucket);
    }
    return looks;
  }

  /** Holds nothing any more; what it held expires by itself. */
  close(): void {
    this.stop?.();
    this.stop = undefined;
  }
}
