import type { Buckets } from './algorithm.ts';
import { enlarged } from './column.ts';
import type { Policy } from './limiter.ts';

/** Requests that the buckets of one shard remember together, 24 bytes each: see {@link SlidingLogs}. */
const MOST_ENTRIES = 65_536;
const NONE = -1;

/**
 * Sliding windows by a log of what was taken when: never more than `limit` in any half-open window, exactly. Entries of all
 * buckets stand in one pool. When that has reached its bound (a flood), what is taken further joins the newest entry of its
 * bucket, which then lasts as long as its last: that may refuse too early, and never admits too much. A clock that jumps
 * back makes entries of the time from which it came.
 */
export class SlidingLogs implements Buckets {
  private readonly most: number;
  /** By slot: the oldest entry, the newest, and the tokens of all. */
  private oldest = new Float64Array(0);
  private newest = new Float64Array(0);
  private sums = new Float64Array(0);
  /** By entry: when it was taken, how much, and which entry came next. */
  private times = new Float64Array(0);
  private costs = new Float64Array(0);
  private nexts = new Float64Array(0);
  private used = 0;
  private free = NONE;

  constructor(most = MOST_ENTRIES) {
    this.most = most;
  }

  grow(slots: number): void {
    const before = this.oldest.length;
    this.oldest = enlarged(this.oldest, slots).fill(NONE, before);
    this.newest = enlarged(this.newest, slots).fill(NONE, before);
    this.sums = enlarged(this.sums, slots);
  }

  reset(slot: number): void {
    while (this.oldest[slot] !== NONE) this.drop(slot);
  }

  level(slot: number, policy: Policy, now: number): number {
    let left = policy.limit - (this.sums[slot] as number);
    for (let at = this.oldest[slot] as number; at !== NONE; at = this.nexts[at] as number) {
      if ((this.times[at] as number) + policy.window > now) break;
      left += this.costs[at] as number;
    }
    return Math.max(0, left);
  }

  take(slot: number, policy: Policy, cost: number, now: number): void {
    for (let at = this.oldest[slot] as number; at !== NONE; at = this.oldest[slot] as number) {
      if ((this.times[at] as number) + policy.window > now) break;
      this.drop(slot);
    }
    const last = this.newest[slot] as number;
    const time = last === NONE ? now : Math.max(now, this.times[last] as number);
    this.sums[slot] = (this.sums[slot] as number) + cost;
    if (last !== NONE && (this.times[last] === time || this.isSpent)) {
      this.times[last] = time;
      this.costs[last] = (this.costs[last] as number) + cost;
      return;
    }
    const entry = this.allot();
    this.times[entry] = time;
    this.costs[entry] = cost;
    this.nexts[entry] = NONE;
    if (last === NONE) this.oldest[slot] = entry;
    else this.nexts[last] = entry;
    this.newest[slot] = entry;
  }

  until(slot: number, policy: Policy, tokens: number, now: number): number {
    let left = policy.limit - (this.sums[slot] as number);
    let due = now;
    for (let at = this.oldest[slot] as number; at !== NONE && left < tokens; at = this.nexts[at] as number) {
      left += this.costs[at] as number;
      due = (this.times[at] as number) + policy.window;
    }
    return Math.max(0, due - now);
  }

  /** No entry is to be had but for a bucket that has none: there is one for each slot beyond the bound. */
  private get isSpent(): boolean {
    return this.free === NONE && this.used >= this.most;
  }

  private allot(): number {
    if (this.free !== NONE) {
      const entry = this.free;
      this.free = this.nexts[entry] as number;
      return entry;
    }
    if (this.used === this.times.length) {
      const room = Math.max(16, this.used * 2);
      this.times = enlarged(this.times, room);
      this.costs = enlarged(this.costs, room);
      this.nexts = enlarged(this.nexts, room);
    }
    return this.used++;
  }

  private drop(slot: number): void {
    const entry = this.oldest[slot] as number;
    const next = this.nexts[entry] as number;
    this.oldest[slot] = next;
    if (next === NONE) this.newest[slot] = NONE;
    this.sums[slot] = (this.sums[slot] as number) - (this.costs[entry] as number);
    this.nexts[entry] = this.free;
    this.free = entry;
  }
}
