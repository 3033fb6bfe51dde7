import type { Clock } from '../../lib/clock.ts';
import type { RetryBudgetConfig } from '../config.ts';

/** Seconds that are looked back on. */
const WINDOW = 10;

/**
 * Bounds what a backend is sent again: retries and hedges of the last ten seconds together are at most `ratio` of its
 * requests in that time, and `min_per_second` besides, for backends with little traffic, which a fleet shares. When everything fails, the
 * load on what is left of it grows by that share and not by the number of tries.
 */
export class RetryBudget {
  private readonly clock: Clock;
  private readonly members: () => number;
  private config: RetryBudgetConfig;
  private readonly requests = new Array<number>(WINDOW).fill(0);
  private readonly retries = new Array<number>(WINDOW).fill(0);
  private second: number;

  /** @param members instances that share what is allowed besides the ratio, which adds up by itself; 1 or more */
  constructor(config: RetryBudgetConfig, clock: Clock, members: () => number = () => 1) {
    this.members = members;
    this.config = config;
    this.clock = clock;
    this.second = Math.floor(clock.now() / 1000);
  }

  apply(config: RetryBudgetConfig): void {
    this.config = config;
  }

  /** A request, not counting those that are sent again. @param now monotonic milliseconds, not in the future */
  count(now: number): void {
    const second = Math.floor(now / 1000);
    if (second > this.second) this.turn(second);
    const slot = this.second % WINDOW;
    this.requests[slot] = (this.requests[slot] as number) + 1;
  }

  /** @returns whether something may be sent once more; true counts it */
  take(): boolean {
    const second = Math.floor(this.clock.now() / 1000);
    if (second > this.second) this.turn(second);
    const { ratio, min_per_second } = this.config;
    if (sum(this.retries) + 1 > sum(this.requests) * ratio + (min_per_second * WINDOW) / this.members()) return false;
    const slot = this.second % WINDOW;
    this.retries[slot] = (this.retries[slot] as number) + 1;
    return true;
  }

  private turn(second: number): void {
    const passed = Math.min(second - this.second, WINDOW);
    for (let at = 1; at <= passed; at++) {
      const slot = (second - passed + at) % WINDOW;
      this.requests[slot] = 0;
      this.retries[slot] = 0;
    }
    this.second = second;
  }
}

function sum(slots: readonly number[]): number {
  let total = 0;
  for (const slot of slots) total += slot;
  return total;
}
