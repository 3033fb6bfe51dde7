import type { Clock } from '../lib/clock.ts';

/** Beats come so much earlier or later than their time, at most, so that members do not beat in step. */
const JITTER = 0.1;
/** Of a heartbeat: how much later than its cause an early beat comes, at most, and how far from the beat before, at least. */
const SPREAD = 0.1;
const CLOSEST = 0.2;

export interface HeartTools {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Ms. */
  readonly heartbeat: number;
  /** Must not reject. */
  readonly beat: () => Promise<void>;
  /** Ms after the beat before at which there is something to be seen, asked for after each beat. May be Infinity. */
  readonly patience: () => number;
}

/** When to beat: each heartbeat, sooner for a reason, and never twice at a time. */
export class Heart {
  private readonly tools: HeartTools;
  private isRunning = false;
  private isBeating = false;
  private inFlight: Promise<void> = Promise.resolve();
  /** Whether the one in flight is followed by another at once. */
  private again = false;
  private beatAt = Number.NEGATIVE_INFINITY;
  private dueAt = Number.POSITIVE_INFINITY;
  private cancel: () => void = () => {};

  constructor(tools: HeartTools) {
    this.tools = tools;
  }

  /** The first beat is at once. */
  start(): void {
    this.isRunning = true;
    this.now();
  }

  /** Beats at once, or as soon as the beat in flight has landed. */
  now(): void {
    if (!this.isRunning) return;
    if (this.isBeating) this.again = true;
    else this.inFlight = this.run();
  }

  /** Beats a little later. Many reasons at a time are one beat, and those of many members are not at one moment. */
  soon(): void {
    if (!this.isRunning) return;
    const { clock, random, heartbeat } = this.tools;
    this.plan(Math.max(clock.now() + random() * SPREAD * heartbeat, this.beatAt + CLOSEST * heartbeat));
  }

  /** No beat begins from now on. @returns when none is in flight any more */
  async stop(): Promise<void> {
    this.isRunning = false;
    this.cancel();
    await this.inFlight;
  }

  private async run(): Promise<void> {
    const { clock, random, heartbeat, beat, patience } = this.tools;
    this.isBeating = true;
    this.cancel();
    this.dueAt = Number.POSITIVE_INFINITY;
    this.again = false;
    this.beatAt = clock.now();
    await beat();
    this.isBeating = false;
    if (!this.isRunning) return;
    if (this.again) return this.now();
    // Rounded up: a look that comes a hair too soon would see nothing, and the next one would be a heartbeat later.
    const seen = Math.max(CLOSEST * heartbeat, Math.ceil(patience()) + 1);
    this.plan(this.beatAt + Math.min(heartbeat * (1 - JITTER + 2 * JITTER * random()), seen));
  }

  /** The earliest of all plans counts. */
  private plan(at: number): void {
    if (at >= this.dueAt) return;
    this.cancel();
    this.dueAt = at;
    this.cancel = this.tools.clock.after(at - this.tools.clock.now(), () => this.now());
  }
}
