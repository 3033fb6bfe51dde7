import type { Clock } from '../lib/clock.ts';

/** Something that is waited for. */
export interface Waiting {
  /** In ms of the clock's `now`. */
  readonly deadline: number;
  /**
   * @param counts whether it says something about who was to answer. When the event loop has stood still, what was waited for
   * may have been there in time: of all those that end then, one counts, or a busy loop would never find anybody dead
   */
  late(counts: boolean): void;
}

/**
 * Ends waits that all have the same length: the first to begin is the first to end, so one timer does for all of them, where
 * ioredis' commandTimeout takes one each (2 µs of 10 a command).
 */
export class Deadlines {
  private readonly clock: Clock;
  private readonly limit: number;
  private readonly waiting = new Set<Waiting>();
  private stop: (() => void) | undefined;

  /** @param limit ms */
  constructor(clock: Clock, limit: number) {
    this.clock = clock;
    this.limit = limit;
  }

  /** @param waiting its deadline is not before that of those added earlier */
  add(waiting: Waiting): void {
    this.waiting.add(waiting);
    this.stop ??= this.clock.after(this.limit, () => this.expire());
  }

  delete(waiting: Waiting): void {
    this.waiting.delete(waiting);
  }

  /** Whether so long after a deadline somebody else had the processor, rather than nobody an answer. @param overdue ms */
  isStall(overdue: number): boolean {
    return overdue > Math.max(this.limit / 4, 20);
  }

  /** Ends all waits without a word. */
  close(): void {
    this.stop?.();
    this.stop = undefined;
    this.waiting.clear();
  }

  private expire(): void {
    const now = this.clock.now();
    let stalls = 0;
    this.stop = undefined;
    for (const waiting of this.waiting) {
      if (waiting.deadline > now) {
        this.stop ??= this.clock.after(Math.ceil(waiting.deadline - now), () => this.expire());
        return;
      }
      this.waiting.delete(waiting);
      waiting.late(!this.isStall(now - waiting.deadline) || stalls++ === 0);
    }
  }
}
