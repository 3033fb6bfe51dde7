import type { Buckets } from './algorithm.ts';
import { enlarged } from './column.ts';
import type { Policy } from './limiter.ts';

const MICRO = 1_000_000;
/** Nanoseconds in a millisecond. */
const NANO = 1_000_000;

/**
 * Token buckets: each fills at `rate` up to `limit`, and gives never more than `limit + rate·t` in any time t.
 * Levels are whole micro-tokens and times whole nanoseconds, and the time advances by no less than what was credited took:
 * rounding loses a nanosecond, and never mints. A clock that jumps back credits nothing until it has come forward again.
 */
export class TokenBuckets implements Buckets {
  /** Micro-tokens at {@link times}. */
  private levels = new Float64Array(0);
  /** Nanoseconds up to which each has been filled. */
  private times = new Float64Array(0);

  grow(slots: number): void {
    this.levels = enlarged(this.levels, slots);
    this.times = enlarged(this.times, slots);
  }

  reset(slot: number, policy: Policy, now: number): void {
    this.levels[slot] = policy.limit * MICRO;
    this.times[slot] = Math.floor(now * NANO);
  }

  level(slot: number, policy: Policy, now: number): number {
    const elapsed = Math.floor(now * NANO) - (this.times[slot] as number);
    const most = policy.limit * MICRO;
    let level = this.levels[slot] as number;
    if (elapsed > 0) level += Math.floor(elapsed * perNano(policy));
    return Math.floor(Math.min(level, most) / MICRO);
  }

  take(slot: number, policy: Policy, cost: number, now: number): void {
    const at = Math.floor(now * NANO);
    const time = this.times[slot] as number;
    const most = policy.limit * MICRO;
    let level = this.levels[slot] as number;
    if (at > time) {
      const rate = perNano(policy);
      const credit = Math.floor((at - time) * rate);
      level += credit;
      // What would not fit is lost, and so is the time in which it would have come.
      this.times[slot] = level >= most ? at : time + Math.ceil(credit / rate);
    }
    this.levels[slot] = Math.min(level, most) - cost * MICRO;
  }

  until(slot: number, policy: Policy, tokens: number, now: number): number {
    const missing = tokens * MICRO - (this.levels[slot] as number);
    if (missing <= 0) return 0;
    const rate = perNano(policy);
    let time = Math.ceil(missing / rate);
    // The division may have been rounded down.
    if (Math.floor(time * rate) < missing) time += 1;
    return Math.max(0, ((this.times[slot] as number) + time - Math.floor(now * NANO)) / NANO);
  }
}

/** Micro-tokens a nanosecond. */
function perNano({ rate }: Policy): number {
  return rate / 1000;
}
