import type { Timeout, Wheel } from '../lib/wheel.ts';

/** Watches for a peer that takes no more of what is written to it. Costs nothing until one does for the first time. */
export class Stall {
  private readonly wheel: Wheel;
  private readonly ms: number;
  private readonly expired: () => void;
  private timeout: Timeout | undefined;

  /** @param ms how long a peer may take nothing */
  constructor(wheel: Wheel, ms: number, expired: () => void) {
    this.wheel = wheel;
    this.ms = ms;
    this.expired = expired;
  }

  /** The peer takes nothing now. */
  get blocked(): boolean {
    return this.timeout?.pending === true;
  }

  begin(): void {
    this.timeout ??= this.wheel.timeout(this.expired);
    this.timeout.set(this.ms);
  }

  end(): void {
    this.timeout?.clear();
  }

  /** For good. */
  remove(): void {
    this.timeout?.remove();
  }
}
