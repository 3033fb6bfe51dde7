import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../../lib/clock.ts';
import { Births } from './births.ts';
import type { Demand, Policy, Standing } from './limiter.ts';

/** Milliseconds before the end of a window in which nothing is given back to it any more. */
const MARGIN = 50;
const SHARED = 'shared';

interface Window {
  readonly counter: RateLimiterMemory;
  readonly births: Births;
  readonly life: number;
  /** Of windows that began when a configuration said another length: they last as long as they were meant to. */
  readonly older: readonly Births[];
}

function alive({ births, older }: Window, now: number): number {
  return older.reduce((sum, one) => sum + one.alive(now), births.alive(now));
}

/** What a hit came to. */
export interface Hit {
  readonly standing: Standing;
  /** Takes it back: also one that was refused, which has been counted all the same. */
  giveBack(): Promise<void>;
}

/**
 * Fixed windows, counted by rate-limiter-flexible, which is loaded when the first is asked for. A window begins with a
 * key's first hit and lasts its whole seconds; so any span as long as a window sees at most `2·limit − 1`.
 * Its clock is the wall clock: a step of it backward makes windows last longer, a step forward ends them early.
 * It answers by promises only. A hit that was refused counts until it is given back, in the same turn of the event loop:
 * meanwhile another may be refused that would fit, and none is admitted that does not.
 */
export class FixedWindows {
  private readonly clock: Clock;
  private readonly most: number;
  private readonly windows = new Map<string, Window>();
  private library: Promise<typeof import('rate-limiter-flexible')> | undefined;
  /** Keys that found no room, and count together. */
  overflows = 0;

  /** @param most keys of one limit that are counted apart */
  constructor(clock: Clock, most: number) {
    this.clock = clock;
    this.most = most;
  }

  async hit(demand: Demand): Promise<Hit> {
    const { policy, cost } = demand;
    const window = await this.open(demand);
    const key = await this.keyOf(demand, window);
    const before = this.clock.now();
    // Set for the call that follows, which counts before it returns.
    window.counter.points = policy.limit;
    const result = await window.counter.consume(key, cost, { customDuration: policy.window / 1000 }).then(
      (admitted) => ({ admits: true, at: admitted }),
      (refused: RateLimiterRes) => ({ admits: false, at: refused }),
    );
    const { admits, at } = result;
    if (at.isFirstInDuration) window.births.add(before);
    return {
      standing: standingOf(admits, at, policy, cost, !admits),
      giveBack: async () => {
        // Given back to a window that is over, it would be an extra to the next one.
        if (at.msBeforeNext - (this.clock.now() - before) > MARGIN) await window.counter.reward(key, cost);
      },
    };
  }

  /** How a demand would fare. Counts nothing. */
  async look(demand: Demand): Promise<Standing> {
    const { policy, cost } = demand;
    const { counter } = await this.open(demand);
    const at = await counter.get(demand.key);
    if (at === null) return { admits: true, remaining: policy.limit, wait: 0, reset: 0 };
    return standingOf(at.consumedPoints + cost <= policy.limit, at, policy, cost, false);
  }

  /** Keys that are counted apart now: an estimate, never too low. */
  get size(): number {
    let sum = 0;
    const now = this.clock.now();
    for (const window of this.windows.values()) sum += alive(window, now);
    return sum;
  }

  /** Forgets limits whose windows are over. */
  sweep(): void {
    const now = this.clock.now();
    for (const [limit, window] of this.windows) if (alive(window, now) === 0) this.windows.delete(limit);
  }

  get isEmpty(): boolean {
    return this.windows.size === 0;
  }

  private async open({ limit, policy }: Demand): Promise<Window> {
    this.library ??= import('rate-limiter-flexible');
    const { RateLimiterMemory: Counter } = await this.library;
    let window = this.windows.get(limit);
    if (window === undefined || window.life !== policy.window) {
      const counter = window?.counter ?? new Counter({ points: policy.limit, duration: policy.window / 1000, keyPrefix: '' });
      const now = this.clock.now();
      const older = window === undefined ? [] : [...window.older, window.births].filter((one) => one.alive(now) > 0);
      window = { counter, births: new Births(policy.window), life: policy.window, older };
      this.windows.set(limit, window);
    }
    return window;
  }

  /** At the cap, keys that are new count together: what is there goes when its window ends, not before. */
  private async keyOf({ key }: Demand, window: Window): Promise<string> {
    if (alive(window, this.clock.now()) < this.most || (await window.counter.get(key)) !== null) return key;
    this.overflows += 1;
    return SHARED;
  }
}

/** @param counted whether the demand, which was refused, is among what was counted */
function standingOf(admits: boolean, at: RateLimiterRes, { limit }: Policy, cost: number, counted: boolean): Standing {
  const remaining = Math.max(0, limit - at.consumedPoints + (counted ? cost : 0));
  const reset = Math.max(0, at.msBeforeNext);
  return { admits, remaining, wait: admits ? 0 : reset, reset };
}
