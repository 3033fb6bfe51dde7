import type { Clock } from '../../src/lib/clock.ts';

interface Timer {
  at: number;
  readonly period: number | undefined;
  readonly callback: () => void;
}

/** A clock that its test moves. Timers run in the order of their times, each at its own time. */
export class ManualClock implements Clock {
  private time: number;
  private readonly epoch: number;
  private readonly timers = new Set<Timer>();

  /** @param start of the monotonic time; @param wall at that moment */
  constructor(start = 1000, wall = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.time = start;
    this.epoch = wall - start;
  }

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.epoch + this.time;
  }

  after(ms: number, callback: () => void): () => void {
    return this.add({ at: this.time + Math.max(ms, 0), period: undefined, callback });
  }

  every(ms: number, callback: () => void): () => void {
    return this.add({ at: this.time + ms, period: ms, callback });
  }

  /** Timers that have not been called off. */
  get pending(): number {
    return this.timers.size;
  }

  private add(timer: Timer): () => void {
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Lets time pass, and everything happen that is due on the way. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let due = this.first(end); due !== undefined; due = this.first(end)) {
      this.time = Math.max(this.time, due.at);
      this.run(due);
    }
    this.time = end;
  }

  /** Lets time pass while the event loop stands still: what is due meanwhile happens once, at the end. */
  stall(ms: number): void {
    this.time += ms;
    const due = [...this.timers].filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.timers.has(timer)) this.run(timer);
  }

  private first(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    return first;
  }

  private run(timer: Timer): void {
    if (timer.period === undefined) this.timers.delete(timer);
    else timer.at = this.time + timer.period;
    timer.callback();
  }
}
