import type { Buckets } from './algorithm.ts';
import type { Policy } from './limiter.ts';

const FEWEST_SLOTS = 8;

/**
 * Some of the keys of one limit, and their buckets. A limit's keys are spread over several of these, because a Map stops
 * the program while it grows: 250 ms at a million keys, 2 ms at a 64th of them.
 */
export class Shard {
  private readonly slots = new Map<string, number>();
  /** By slot. Empty: the slot is free, as no key is. */
  private readonly keys: string[] = [];
  private readonly free: number[] = [];
  private room = 0;
  /** Where the next sweep begins. */
  private hand = 0;
  readonly buckets: Buckets;

  constructor(buckets: Buckets) {
    this.buckets = buckets;
  }

  get size(): number {
    return this.slots.size;
  }

  /** @returns −1 when it is not here */
  find(key: string): number {
    return this.slots.get(key) ?? -1;
  }

  /** A bucket that nothing was taken from. */
  add(key: string, policy: Policy, now: number): number {
    const slot = this.free.pop() ?? this.keys.length;
    if (slot >= this.room) {
      this.room = Math.max(FEWEST_SLOTS, this.room * 2);
      this.buckets.grow(this.room);
    }
    this.keys[slot] = key;
    this.slots.set(key, slot);
    this.buckets.reset(slot, policy, now);
    return slot;
  }

  /**
   * Looks at some buckets, going on where it stopped, and forgets those that are full: a new one would be no different.
   * @returns how many went
   */
  sweep(most: number, policy: Policy, now: number): number {
    let gone = 0;
    for (let looks = Math.min(most, this.keys.length); looks > 0; looks--) {
      if (this.hand >= this.keys.length) this.hand = 0;
      const slot = this.hand++;
      const key = this.keys[slot] as string;
      if (key === '' || this.buckets.level(slot, policy, now) < policy.limit) continue;
      this.slots.delete(key);
      this.keys[slot] = '';
      this.buckets.reset(slot, policy, now);
      this.free.push(slot);
      gone += 1;
    }
    return gone;
  }

  /** Buckets that a sweep would have to look at to have seen all. */
  get length(): number {
    return this.keys.length;
  }
}
