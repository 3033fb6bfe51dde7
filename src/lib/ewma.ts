import type { Clock } from './clock.ts';

/**
 * A moving average that takes a higher value at once and forgets it slowly ("peak EWMA", as Finagle's): what has just
 * been slow is believed to be slow. It sinks while nothing comes, too: who is avoided for it gets another chance.
 * Values and times in milliseconds.
 */
export class PeakEwma {
  private readonly clock: Clock;
  private readonly decay: number;
  private average = 0;
  private at = 0;

  /** @param decay time in which a value's share falls to 1/e */
  constructor(clock: Clock, decay = 10_000) {
    this.clock = clock;
    this.decay = decay;
  }

  /** 0 until the first {@link add}. */
  get value(): number {
    return this.average === 0 ? 0 : this.average * Math.exp((this.at - this.clock.now()) / this.decay);
  }

  add(value: number): void {
    const now = this.clock.now();
    const old = Math.exp((this.at - now) / this.decay);
    this.average = Math.max(value, this.average * old + value * (1 - old));
    this.at = now;
  }
}
