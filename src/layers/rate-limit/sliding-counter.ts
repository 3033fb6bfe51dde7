import type { Buckets } from './algorithm.ts';
import { enlarged } from './column.ts';
import type { Policy } from './limiter.ts';

/**
 * Sliding windows by two counters: the requests of this window, and those of the one before as far as it still reaches in.
 * As if those had come evenly: who sends them otherwise gets at most `2·limit − 1` in some window. Takes three numbers a
 * key however large the limit is; for limits up to 1000 there is the log (sliding-log.ts), which is exact.
 */
export class SlidingCounters implements Buckets {
  /** When the window began that {@link counts} counts: a multiple of its length. */
  private starts = new Float64Array(0);
  private counts = new Float64Array(0);
  private before = new Float64Array(0);

  grow(slots: number): void {
    this.starts = enlarged(this.starts, slots);
    this.counts = enlarged(this.counts, slots);
    this.before = enlarged(this.before, slots);
  }

  reset(slot: number, policy: Policy, now: number): void {
    this.starts[slot] = startOf(now, policy);
    this.counts[slot] = 0;
    this.before[slot] = 0;
  }

  level(slot: number, policy: Policy, now: number): number {
    const { count, before, share } = this.at(slot, policy, now);
    return Math.max(0, Math.floor(policy.limit - count - before * share));
  }

  take(slot: number, policy: Policy, cost: number, now: number): void {
    const { start, count, before } = this.at(slot, policy, now);
    this.starts[slot] = start;
    this.counts[slot] = count + cost;
    this.before[slot] = before;
  }

  until(slot: number, policy: Policy, tokens: number, now: number): number {
    const { start, count, before, share } = this.at(slot, policy, now);
    const { limit, window } = policy;
    if (Math.floor(limit - count - before * share) >= tokens) return 0;
    const room = limit - count - tokens;
    // In this window, when enough of the one before is past; else in the next one, when enough of this is.
    const due = room >= 0 ? (1 - room / before) * window : (2 - (limit - tokens) / count) * window;
    // The part of a millisecond makes up for what the divisions lost.
    return Math.max(0, start + due - now) + 0.001;
  }

  /** The counters as they are now. A clock that has jumped back is taken for the beginning of the window it was in. */
  private at(slot: number, policy: Policy, now: number) {
    const { window } = policy;
    const start = Math.max(startOf(now, policy), this.starts[slot] as number);
    const passed = Math.round((start - (this.starts[slot] as number)) / window);
    const count = passed === 0 ? (this.counts[slot] as number) : 0;
    const before = passed === 0 ? (this.before[slot] as number) : passed === 1 ? (this.counts[slot] as number) : 0;
    return { start, count, before, share: 1 - Math.max(0, now - start) / window };
  }
}

function startOf(now: number, { window }: Policy): number {
  return Math.floor(now / window) * window;
}
