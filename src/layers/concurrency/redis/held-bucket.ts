/** What of its life a hold is good for here: the rest is for clocks that run at different speeds. */
const SAFE = 0.98;
/** Places are held ahead only of limits so large that one more does not matter to others. */
const SPARE_OF = 16;

/** The places of one bucket that this instance holds. Pure: told the time, which is `clock.now()` at the moment of use. */
export class HeldBucket {
  readonly key: string;
  limit: number;
  /** Requests that are in. */
  taken = 0;
  /** Most that were in since the last look. */
  peak = 0;
  /** Requests that wait for the answer to a call. */
  waiting = 0;
  /** When somebody last entered. */
  usedAt: number;
  asking: Promise<void> | undefined;
  private held = 0;
  private diesAt = 0;
  private deniedUntil = 0;

  constructor(key: string, limit: number, now: number) {
    this.key = key;
    this.limit = limit;
    this.usedAt = now;
    this.asking = undefined;
  }

  /** Whether a place is here that nobody has. */
  hasRoom(now: number): boolean {
    return now < this.diesAt && this.taken < Math.min(this.held, this.limit);
  }

  /** Whether it is known that there is none anywhere. */
  denies(now: number): boolean {
    return now < this.deniedUntil;
  }

  /** Places to hold from now on: those that are taken, those that are waited for, and a few more while they come and go. */
  want(isBusy: boolean): number {
    const needed = this.taken + this.waiting;
    const spare = isBusy ? Math.min(Math.ceil(needed / 2), Math.floor(this.limit / SPARE_OF)) : 0;
    return Math.min(this.limit, needed + spare);
  }

  /** Before a call that may let go of places: from now on they are others'. */
  letGo(want: number): void {
    this.held = Math.min(this.held, want);
  }

  /**
   * What came of a call.
   * @param needed places that were taken or waited for when it was made, at `sentAt`
   * @param pause ms for which it is remembered that there were fewer
   */
  settle(held: number, needed: number, sentAt: number, ttl: number, now: number, pause: number): void {
    this.held = held;
    this.diesAt = sentAt + ttl * SAFE;
    this.deniedUntil = held < needed ? now + pause : 0;
  }

  /** Places that are held and not taken. */
  spare(now: number): number {
    return now < this.diesAt ? Math.max(0, this.held - this.taken) : 0;
  }

  get holds(): boolean {
    return this.held > 0;
  }
}
