import type { Clock } from './clock.ts';

/** Each bucket's bound is this much above the one before: quantiles are right to 10 %. */
const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
const LEAST = 0.1;
const BUCKETS = 160;
/** After this time, in ms, a value counts half. */
const HALF_LIFE = 10_000;
/** Values after which a quantile may have moved. */
const LOOK_EVERY = 16;
/** Fewer values than this say nothing. */
const ENOUGH = 20;

/**
 * Quantiles of recent values from 0.1 to some 400,000 (milliseconds, for instance), in a histogram whose counts halve
 * every ten seconds. Constant memory; adding is a logarithm and an addition.
 */
export class RecentQuantile {
  private readonly clock: Clock;
  private readonly counts = new Array<number>(BUCKETS).fill(0);
  private total = 0;
  private halvedAt: number;
  /** Values since the last look, and what it found. */
  private unseen = 0;
  private asked = -1;
  private found: number | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
    this.halvedAt = clock.now();
  }

  add(value: number): void {
    this.forget();
    const at = value <= LEAST ? 0 : Math.min(BUCKETS - 1, Math.ceil(Math.log(value / LEAST) / LOG_GROWTH));
    this.counts[at] = (this.counts[at] as number) + 1;
    this.total += 1;
    this.unseen += 1;
  }

  /** {@link at}, looked up anew after every so many values: for the request path, which asks for one quantile at a time. */
  near(q: number): number | undefined {
    if (this.found === undefined || this.unseen >= LOOK_EVERY || q !== this.asked) {
      this.asked = q;
      this.unseen = 0;
      this.found = this.at(q);
    }
    return this.found;
  }

  /** The upper bound of the bucket that holds the quantile; undefined while there are too few values. @param q 0 to 1 */
  at(q: number): number | undefined {
    this.forget();
    if (this.total < ENOUGH) return undefined;
    let rest = q * this.total;
    for (let at = 0; at < BUCKETS; at++) {
      rest -= this.counts[at] as number;
      if (rest <= 0) return LEAST * GROWTH ** at;
    }
    return LEAST * GROWTH ** (BUCKETS - 1);
  }

  private forget(): void {
    const lives = Math.floor((this.clock.now() - this.halvedAt) / HALF_LIFE);
    if (lives === 0) return;
    this.halvedAt += lives * HALF_LIFE;
    const factor = 0.5 ** Math.min(lives, 1000);
    this.total = 0;
    for (let at = 0; at < BUCKETS; at++) {
      this.counts[at] = (this.counts[at] as number) * factor;
      this.total += this.counts[at] as number;
    }
  }
}
