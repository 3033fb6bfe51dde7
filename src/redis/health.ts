import type { Clock } from '../lib/clock.ts';
import type { StoreCondition, StoreState } from './store.ts';

/** So many commands in a row that got no answer are no accident. */
const MOST_LATE = 3;
/** Ms between looks while all is well, and before the first and at most between two while nothing is. */
const CALM = 1000;
const SOONEST = 100;
const SELDOM = 1000;
/** Who goes down again within this time, in ms, is looked at no sooner than before. */
const STEADY = 10_000;
/** Time in ms over which latency is smoothed, and the most that one answer may count. */
const SMOOTHING = 1000;
const MOST_WEIGHT = 0.2;

export interface HealthTools {
  readonly clock: Clock;
  /** How long a command is waited for, in ms. */
  readonly limit: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Hears of each change of the condition or its reason, at once. */
  readonly changed: (state: StoreState) => void;
}

/**
 * Decides how Redis is, from what became of commands and of looks (a script that writes, see upkeep.ts). Knows no network.
 * Down is a circuit that is open: commands do not bring it back, only looks do.
 */
export class Health {
  private readonly tools: HealthTools;
  private current: StoreState;
  private average = 0;
  private measured = 0;
  private answeredAt = Number.NEGATIVE_INFINITY;
  /** Commands without an answer, since the last one that had one, by where they went. */
  private readonly late = new Map<string, number>();
  /** Looks since it went down. */
  private looks = 0;
  /** Good looks in a row that bring it back, and how many of them are still wanted. */
  private needed = 1;
  private wanted = 1;
  private upAt = Number.NEGATIVE_INFINITY;

  constructor(tools: HealthTools) {
    this.tools = tools;
    this.current = Object.freeze({ condition: 'down', reason: 'not connected yet', since: tools.clock.now() });
  }

  get state(): StoreState {
    return this.current;
  }

  get isDown(): boolean {
    return this.current.condition === 'down';
  }

  /** Round trips of late in ms, smoothed; a command without an answer counts as one that took the whole time. */
  get latency(): number {
    return this.average;
  }

  /** Ms since the last answer. */
  get silence(): number {
    return this.tools.clock.now() - this.answeredAt;
  }

  /** A command was answered, be it with an error of its own. @param lane where it went: a node of a cluster */
  answered(ms: number, lane = ''): void {
    if (this.isDown) return;
    this.answeredAt = this.tools.clock.now();
    if (this.late.size > 0) this.late.delete(lane);
    this.measure(ms);
    this.judgeSpeed();
  }

  /** A command got no answer in time. */
  missed(lane = ''): void {
    if (this.isDown) return;
    const inRow = (this.late.get(lane) ?? 0) + 1;
    this.late.set(lane, inRow);
    this.measure(this.tools.limit);
    if (inRow < MOST_LATE) return this.judgeSpeed();
    const where = lane === '' ? '' : ` at ${lane}`;
    // What is only too slow would come and go: it has to be well twice.
    this.goDown(`no answer within ${this.tools.limit} ms, ${MOST_LATE} times in a row${where}`, 2);
  }

  /** The connection is gone, or an answer says that none of the kind can be had. While it is down, the look that fails knows better. */
  broken(reason: string): void {
    if (!this.isDown) this.goDown(reason, 1);
  }

  /** A look failed. */
  failed(reason: string): void {
    if (!this.isDown) return this.goDown(reason, 1);
    this.wanted = this.needed;
    if (reason !== this.current.reason) this.become('down', reason, this.current.since);
  }

  /** A look wrote something, and was told so in time. */
  worked(ms: number): void {
    if (!this.isDown) return this.answered(ms);
    this.wanted -= 1;
    if (this.wanted > 0) return;
    this.average = ms;
    this.measured = this.tools.clock.now();
    this.answeredAt = this.measured;
    this.upAt = this.measured;
    this.become('up', '');
    this.judgeSpeed();
  }

  /** Ms to wait before the next look. */
  nextLook(): number {
    if (!this.isDown) return this.late.size > 0 ? SOONEST : CALM;
    const most = Math.min(SELDOM, SOONEST * 2 ** Math.min(this.looks, 10));
    this.looks += 1;
    return most * (0.5 + this.tools.random() / 2);
  }

  private measure(ms: number): void {
    const now = this.tools.clock.now();
    const weight = this.average === 0 ? 1 : Math.min(MOST_WEIGHT, (now - this.measured) / SMOOTHING);
    this.average += (ms - this.average) * weight;
    this.measured = now;
  }

  private judgeSpeed(): void {
    const { limit } = this.tools;
    const { condition } = this.current;
    if (condition === 'up' && this.average > limit * 0.5)
      this.become('slow', `answers take about ${Math.round(this.average)} ms of the ${limit} ms that are waited for`);
    else if (condition === 'slow' && this.average < limit * 0.4) this.become('up', '');
  }

  private goDown(reason: string, wanted: number): void {
    if (this.tools.clock.now() - this.upAt > STEADY) this.looks = 0;
    this.needed = wanted;
    this.wanted = wanted;
    this.late.clear();
    this.become('down', reason);
  }

  private become(condition: StoreCondition, reason: string, since = this.tools.clock.now()): void {
    this.current = Object.freeze({ condition, reason, since });
    this.tools.changed(this.current);
  }
}
