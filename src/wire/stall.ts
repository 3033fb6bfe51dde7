import type { Timeout, Wheel } from '../lib/wheel.ts';

/** Watches for a peer that takes no more of what is written to it. Costs nothing until one does for the first time. */
export class Stall {
  private readonly wheel: Wheel;
  private readonly expired: () => void;
  private timeout: Timeout | undefined;

  constructor(wheel: Wheel, expired: () => void) {
    this.wheel = wheel;
    this.expired = expired;
  }

  /** The peer takes nothing now. */
  get blocked(): boolean {
    return this.timeout?.pending === true;
  }

  /** @param ms how long the peer may take nothing */
  begin(ms: number): void {
    this.timeout ??= this.wheel.timeout(this.expired);
    this.timeout.set(ms);
  }

  end(): void {
    this.timeout?.clear();
  }

  /** For good. */
  remove(): void {
    this.timeout?.remove();
  }
}
