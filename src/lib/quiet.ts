import type { Clock } from './clock.ts';

/** Turns many notices into one: it comes when there has been none for a while, or when the first is too long ago. */
export class Quiet {
  private readonly clock: Clock;
  private readonly quietMs: number;
  private readonly patienceMs: number;
  private readonly settled: () => void;
  private since: number | undefined;
  private stop: (() => void) | undefined;

  /**
   * @param quietMs how long there must be none
   * @param patienceMs how long after the first it comes all the same
   */
  constructor(clock: Clock, quietMs: number, patienceMs: number, settled: () => void) {
    this.clock = clock;
    this.quietMs = quietMs;
    this.patienceMs = patienceMs;
    this.settled = settled;
  }

  notice(): void {
    const now = this.clock.now();
    this.since ??= now;
    this.stop?.();
    this.stop = this.clock.after(Math.min(this.quietMs, this.since + this.patienceMs - now), () => {
      this.since = undefined;
      this.settled();
    });
  }

  /** Forgets what has been noticed. */
  close(): void {
    this.since = undefined;
    this.stop?.();
  }
}
