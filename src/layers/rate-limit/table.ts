import { hash32 } from '../../lib/hash32.ts';
import type { Buckets } from './algorithm.ts';
import type { Policy } from './limiter.ts';
import { Shard } from './shard.ts';

const SHARDS = 64;
/** Buckets that are looked at when a new key comes and there is no room. */
const LOOKS = 16;

/**
 * The buckets of one limit. Bounded: at the cap a new key takes the place of a full bucket, of which nothing is lost.
 * Where none is found, new keys share one bucket: to evict one that is not full would give its client a new one, and
 * with one key more than there is room for nobody would be limited.
 */
export class Table {
  private readonly shards: (Shard | undefined)[] = new Array<Shard | undefined>(SHARDS).fill(undefined);
  private readonly open: () => Buckets;
  private readonly most: number;
  private overflow: Shard | undefined;
  private count = 0;
  /** Where the next sweep begins. */
  private hand = 0;
  /** As last told: who sweeps has no other. */
  private policy: Policy;
  /** Where the key is that was looked for last. */
  buckets: Buckets;
  slot = 0;

  /** @param most keys that have a bucket of their own */
  constructor(open: () => Buckets, policy: Policy, most: number) {
    this.open = open;
    this.policy = policy;
    this.most = most;
    this.buckets = open();
  }

  get size(): number {
    return this.count;
  }

  /** Finds the bucket of a key, or makes one, and says where: {@link buckets}, {@link slot}. @returns false: it is shared */
  seek(key: string, policy: Policy, now: number): boolean {
    this.policy = policy;
    const at = hash32(key) % SHARDS;
    let shard = this.shards[at];
    if (shard === undefined) this.shards[at] = shard = new Shard(this.open());
    this.buckets = shard.buckets;
    this.slot = shard.find(key);
    if (this.slot >= 0) return true;
    if (this.count >= this.most) this.count -= shard.sweep(LOOKS, policy, now);
    if (this.count >= this.most) {
      this.share(policy, now);
      return false;
    }
    this.count += 1;
    this.slot = shard.add(key, policy, now);
    return true;
  }

  private share(policy: Policy, now: number): void {
    this.overflow ??= new Shard(this.open());
    this.buckets = this.overflow.buckets;
    const slot = this.overflow.find('shared');
    this.slot = slot >= 0 ? slot : this.overflow.add('shared', policy, now);
  }

  /** Looks at up to so many buckets, and forgets those that are full. @returns how many it has looked at */
  sweep(looks: number, now: number): number {
    let left = looks;
    for (let shards = 0; shards < SHARDS && left > 0; shards++) {
      const at = this.hand;
      const shard = this.shards[at];
      if (shard !== undefined) {
        const most = Math.min(left, shard.length);
        this.count -= shard.sweep(most, this.policy, now);
        left -= most;
        // Columns and maps never become smaller: an empty one is given back as a whole.
        if (shard.size === 0) this.shards[at] = undefined;
        else if (most < shard.length) break;
      }
      this.hand = (at + 1) % SHARDS;
    }
    if (this.overflow !== undefined && this.overflow.sweep(1, this.policy, now) > 0) this.overflow = undefined;
    return looks - left;
  }

  /** Nothing that it holds would be missed. */
  get isEmpty(): boolean {
    return this.count === 0 && this.overflow === undefined;
  }
}
