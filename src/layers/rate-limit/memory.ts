import type { Clock } from '../../lib/clock.ts';
import type { Buckets } from './algorithm.ts';
import { ALGORITHMS, type InstantAlgorithm } from './algorithms.ts';
import { FixedWindows } from './fixed-window.ts';
import type { Decision, Demand, RateLimiter, Standing } from './limiter.ts';
import { Table } from './table.ts';

/**
 * Keys of one limit that have a bucket of their own: more clients than an instance serves at a time. A million take 90 MB
 * as token buckets, 98 MB as sliding counters, 124 MB as sliding logs of one entry each, keys of 15 characters and all
 * (measured on Node 26.10). An entry more is 24 bytes.
 */
const MOST_KEYS = 1_000_000;
/** Of fixed windows: each has a timer of its own, and a million of them would take 390 MB. */
const MOST_WINDOWS = 400_000;
/** Full buckets are looked for so often, among so many: a million in less than a minute, 0.1 ms at a time. */
const SWEEP_EVERY = 100;
const SWEEP_LOOKS = 2000;
/** What it costs to look at a table besides its buckets: there may be one for each of ten thousand routes. */
const TABLE_LOOKS = 32;

/** What {@link MemoryRateLimiter} shows to metrics. */
export interface BucketCounts {
  /** Buckets that are kept. */
  readonly keys: number;
  /** Decisions on a bucket that keys share for want of room. */
  readonly overflows: number;
}

/** Where the bucket of a demand is. */
interface Place {
  readonly buckets: Buckets;
  readonly slot: number;
}

/** Counts in this process. What it holds outlives configurations; {@link close} it at the end. */
export class MemoryRateLimiter implements RateLimiter, BucketCounts {
  private readonly clock: Clock;
  private readonly most: number;
  private readonly tables = new Map<string, Table>();
  private readonly fixed: FixedWindows;
  private shared = 0;
  private stop: (() => void) | undefined;

  /** @param most keys of one limit with buckets of their own */
  constructor(clock: Clock, most = MOST_KEYS) {
    this.clock = clock;
    this.most = most;
    this.fixed = new FixedWindows(clock, Math.min(most, MOST_WINDOWS));
  }

  take(demands: readonly Demand[]): Decision | Promise<Decision> {
    for (const { policy } of demands) if (policy.algorithm === 'fixed_window') return this.takeLater(demands);
    return this.takeNow(demands, true);
  }

  /** @param debit false: only says how the demands would fare */
  private takeNow(demands: readonly Demand[], debit: boolean): Decision {
    const now = this.clock.now();
    let admitted = true;
    // A table knows only what it was last asked for, and two demands may be of one limit.
    const places: Place[] = [];
    for (const demand of demands) {
      const table = this.tables.get(demand.limit) ?? this.open(demand);
      if (!table.seek(demand.key, demand.policy, now) && debit) this.shared += 1;
      const { buckets, slot } = table;
      places.push({ buckets, slot });
      if (buckets.level(slot, demand.policy, now) < demand.cost) admitted = false;
    }
    const standings: Standing[] = [];
    for (let at = 0; at < demands.length; at++) {
      const { policy, cost } = demands[at] as Demand;
      const { buckets, slot } = places[at] as Place;
      if (admitted && debit) buckets.take(slot, policy, cost, now);
      const remaining = buckets.level(slot, policy, now);
      const wait = admitted ? 0 : buckets.until(slot, policy, cost, now);
      standings.push({ admits: wait === 0, remaining, wait, reset: buckets.until(slot, policy, policy.limit, now) });
    }
    return { admitted, standings };
  }

  /**
   * Fixed windows come last, and only if all others admit. What they counted is given back if one of them refuses, or if
   * another bucket was emptied while they were asked: those are asked again, and pay at the moment of admission.
   */
  private async takeLater(demands: readonly Demand[]): Promise<Decision> {
    const isFixed = ({ policy }: Demand) => policy.algorithm === 'fixed_window';
    const [fixed, others] = [demands.filter(isFixed), demands.filter((demand) => !isFixed(demand))];
    this.watch();
    let now = this.takeNow(others, false);
    let then: readonly Standing[];
    let admitted = now.admitted;
    if (!admitted) then = await Promise.all(fixed.map((demand) => this.fixed.look(demand)));
    else {
      const hits = await Promise.all(fixed.map((demand) => this.fixed.hit(demand)));
      then = hits.map(({ standing }) => standing);
      admitted = then.every(({ admits }) => admits);
      now = this.takeNow(others, admitted);
      admitted &&= now.admitted;
      if (!admitted) {
        await Promise.all(hits.map((hit) => hit.giveBack()));
        then = then.map((standing, at) => returned(standing, fixed[at] as Demand));
      }
    }
    const [firsts, lasts] = [now.standings.values(), then.values()];
    return { admitted, standings: demands.map((one) => (isFixed(one) ? lasts : firsts).next().value as Standing) };
  }

  private open({ limit, policy }: Demand): Table {
    const table = new Table(ALGORITHMS[policy.algorithm as InstantAlgorithm], policy, this.most);
    this.tables.set(limit, table);
    this.watch();
    return table;
  }

  /** Sweeps as long as there is something to sweep. */
  private watch(): void {
    this.stop ??= this.clock.every(SWEEP_EVERY, () => this.sweep());
  }

  private sweep(): void {
    const now = this.clock.now();
    let looks = SWEEP_LOOKS;
    let unseen = this.tables.size;
    for (const [limit, table] of this.tables) {
      if (looks <= 0 || unseen-- === 0) break;
      looks -= TABLE_LOOKS + table.sweep(looks, now);
      this.tables.delete(limit);
      // To the end of the line: the next sweep begins with another.
      if (!table.isEmpty) this.tables.set(limit, table);
    }
    this.fixed.sweep();
    if (this.tables.size === 0 && this.fixed.isEmpty) this.close();
  }

  get keys(): number {
    let sum = this.fixed.size;
    for (const table of this.tables.values()) sum += table.size;
    return sum;
  }

  get overflows(): number {
    return this.shared + this.fixed.overflows;
  }

  /** Sweeps no more until it is used again. */
  close(): void {
    this.stop?.();
    this.stop = undefined;
  }
}

/** A hit that was given back is there again. */
function returned(standing: Standing, { cost }: Demand): Standing {
  return standing.admits ? { ...standing, remaining: standing.remaining + cost } : standing;
}
