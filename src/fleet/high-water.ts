/** Ms. An hour, and up to ten minutes more. */
const SLOT = 600_000;
const SLOTS = 6;

/** The most of something within about the last hour. Times are ms of one monotonic clock. */
export class HighWater {
  private readonly slots = new Map<number, number>();

  note(count: number, now: number): void {
    const slot = Math.floor(now / SLOT);
    for (const old of this.slots.keys()) if (slot - old > SLOTS) this.slots.delete(old);
    this.slots.set(slot, Math.max(count, this.slots.get(slot) ?? 0));
  }

  /** 0: nothing has been noted. */
  most(now: number): number {
    const slot = Math.floor(now / SLOT);
    let most = 0;
    for (const [at, count] of this.slots) if (slot - at <= SLOTS) most = Math.max(most, count);
    return most;
  }
}
