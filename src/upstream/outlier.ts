import type { Clock } from '../lib/clock.ts';
import type { OutlierConfig } from './config.ts';
import { READY, type Verdict } from './readiness.ts';

/** An upstream that is ejected again and again is away for at most so many times `base_ejection`. */
const MOST_EJECTIONS = 10;

/** The longest wait a timer of the system takes, in ms. */
const LONGEST_WAIT = 2 ** 31 - 1;

interface Standing {
  failures: number;
  /** Ejections that were not forgiven yet, when it came back last. */
  ejections: number;
  /** Monotonic ms. */
  returnedAt: number;
}

/**
 * Passive health: a target that fails so many requests in a row is ejected for a while, the longer the more often that
 * happens. It comes back by itself, with a clean slate but for the count of its ejections.
 *
 * At most `max_ejected` of the targets are away at a time, rounded down, but one of two or more may always be, unless
 * `max_ejected` is 0; a target that stands alone is never ejected. One that may not be ejected yet is, at its next failure
 * in a row after there is room.
 */
export class OutlierDetector<Target> {
  private readonly config: OutlierConfig;
  private readonly clock: Clock;
  private readonly changed: (target: Target, verdict: Verdict) => void;
  private standings = new Map<Target, Standing>();
  /** How to call off the return of each that is away: the one ejected first comes first. */
  private readonly ejected = new Map<Target, () => void>();

  /** @param changed called when a target is ejected, and when it is back; not for targets that are taken off the list */
  constructor(config: OutlierConfig, clock: Clock, changed: (target: Target, verdict: Verdict) => void) {
    this.config = config;
    this.clock = clock;
    this.changed = changed;
  }

  /** From now on these are judged. Those that stay keep their standing; when fewer may be away now, the first come back. */
  update(targets: readonly Target[]): void {
    const before = this.standings;
    this.standings = new Map(targets.map((one) => [one, before.get(one) ?? { failures: 0, ejections: 0, returnedAt: 0 }]));
    for (const [target, stop] of this.ejected) {
      if (this.standings.has(target)) continue;
      stop();
      this.ejected.delete(target);
    }
    for (const target of [...this.ejected.keys()].slice(0, Math.max(0, this.ejected.size - this.room))) this.back(target);
  }

  /** A target has answered well. */
  succeeded(target: Target): void {
    const standing = this.standings.get(target);
    if (standing !== undefined) standing.failures = 0;
  }

  /** A target has failed a request. Unknown targets, and failures of one that is away, count for nothing. */
  failed(target: Target): void {
    const standing = this.standings.get(target);
    if (standing === undefined || this.ejected.has(target)) return;
    standing.failures += 1;
    if (standing.failures >= this.config.consecutive_failures && this.ejected.size < this.room) this.eject(target, standing);
  }

  /** Nobody is told anything any more. */
  close(): void {
    for (const stop of this.ejected.values()) stop();
    this.ejected.clear();
    this.standings.clear();
  }

  /** How many may be away at a time. */
  private get room(): number {
    const { max_ejected } = this.config;
    if (this.standings.size < 2 || max_ejected === 0) return 0;
    // A share such as 0.29 of 100 is 28.999999999999996.
    return Math.max(1, Math.floor(this.standings.size * max_ejected + 1e-9));
  }

  private eject(target: Target, standing: Standing): void {
    const { interval, base_ejection } = this.config;
    const forgiven = Math.floor((this.clock.now() - standing.returnedAt) / interval);
    standing.ejections = Math.min(MOST_EJECTIONS, Math.max(0, standing.ejections - forgiven) + 1);
    const time = Math.min(base_ejection * standing.ejections, LONGEST_WAIT);
    const stop = this.clock.after(time, () => this.back(target));
    this.ejected.set(target, stop);
    this.changed(target, { ready: false, reason: `${standing.failures} failures in a row: ejected for ${time / 1000}s` });
  }

  private back(target: Target): void {
    this.ejected.get(target)?.();
    this.ejected.delete(target);
    const standing = this.standings.get(target);
    if (standing === undefined) return;
    standing.failures = 0;
    standing.returnedAt = this.clock.now();
    this.changed(target, READY);
  }
}
