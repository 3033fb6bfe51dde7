import type { Demand, Standing } from '../limiter.ts';
import { type TakeReply, tauOf } from './take-call.ts';

/** What of its life a lease is good for here: the rest is for clocks of machines that run at different speeds (FLEET.md A8). */
const SAFE = 0.98;
/** Of what a bucket holds, the most that is asked for at once beyond what waits: others want some, too. */
const SHARE = 4;
/** The part of its life for which a lease is to last: the shorter, the less dies unspent where demand falls. */
const AHEAD = 4;

/** Tokens that were taken ahead in one go. */
export interface Lease {
  readonly id: string;
  /** Names the slice that holds them. */
  readonly expiry: number;
  readonly diesAt: number;
  tokens: number;
}

/** What was spent, and can be put back where it came from: nowhere else, since each lease dies at its own time. */
export type Spent = readonly (readonly [lease: Lease, tokens: number])[];

/**
 * A bucket in Redis as this instance sees it: what it holds of it, and what it knows of the rest. Pure: told the time, which is
 * `clock.now()` at the moment of use, never one that was noted before (a process may have been stopped in between).
 */
export class LeasedBucket {
  demand: Demand;
  /** Its key in Redis. */
  readonly key: string;
  private readonly leases: Lease[] = [];
  private deniedUntil = 0;
  private deniedCost = 0;
  private waitUntil = 0;
  /** Refusals in a row. */
  private refusals = 0;
  /** Not asked again before. */
  private restUntil = 0;
  private remaining: number;
  private fullAt = 0;
  private spentSince = 0;
  private since: number;
  /** Tokens a ms. */
  private pace = 0;
  private lastGrant = 0;
  /** When something was last spent. */
  usedAt: number;
  /** Tokens that requests wait for. */
  needed = 0;
  /** A call that is under way. */
  asking: Promise<void> | undefined;

  constructor(demand: Demand, key: string, now: number) {
    this.demand = demand;
    this.key = key;
    this.remaining = demand.policy.limit;
    this.since = this.usedAt = now;
    this.asking = undefined;
  }

  /** Milliseconds that tokens may be held. */
  get tau(): number {
    return tauOf(this.demand);
  }

  /** Tokens that can be spent now. */
  held(now: number): number {
    const { leases } = this;
    while (leases.length > 0 && ((leases[0] as Lease).diesAt <= now || (leases[0] as Lease).tokens === 0)) leases.shift();
    let sum = 0;
    for (const { tokens, diesAt } of leases) if (diesAt > now) sum += tokens;
    return sum;
  }

  /** Spends what {@link held} has said is there, the oldest first. */
  spend(cost: number, now: number): Spent {
    const spent: [Lease, number][] = [];
    let left = cost;
    for (const lease of this.leases) {
      if (left === 0) break;
      if (lease.diesAt <= now || lease.tokens === 0) continue;
      const tokens = Math.min(left, lease.tokens);
      lease.tokens -= tokens;
      left -= tokens;
      spent.push([lease, tokens]);
    }
    this.spentSince += cost;
    this.usedAt = now;
    return spent;
  }

  /** Whether it is known that Redis would refuse so much. */
  denies(cost: number, now: number): boolean {
    return now < this.deniedUntil && cost >= this.deniedCost;
  }

  /** Whether more should be on its way before what is held is spent. */
  isLow(held: number, now: number): boolean {
    return this.asking === undefined && now >= this.restUntil && held * 2 <= this.lastGrant && this.pace > 0;
  }

  /** What to ask for now. @returns tokens: what waits, and what will be spent in a part of the time that a lease lives */
  want(now: number): number {
    const elapsed = Math.max(1, now - this.since);
    const pace = this.spentSince / elapsed;
    // A pace of long ago says little of now.
    this.pace = elapsed > this.tau ? pace : Math.max(pace, (this.pace + pace) / 2);
    this.since = now;
    this.spentSince = 0;
    const ahead = Math.min(Math.ceil((this.pace * this.tau) / AHEAD), Math.ceil(this.demand.policy.limit / SHARE));
    return Math.max(this.demand.cost, Math.min(this.demand.policy.limit, Math.max(0, this.needed - this.held(now)) + ahead));
  }

  /** What came of asking. @param sentAt when the call was made: the lease lives from then */
  settle(
    id: string,
    reply: TakeReply,
    asked: { demand: Demand; want: number; tau: number; sentAt: number },
    now: number,
  ): Lease | undefined {
    const { demand, want: wanted, tau, sentAt } = asked;
    const [taken] = reply.taken;
    if (taken === undefined) return undefined;
    const { standing, tokens, expiry, next } = taken;
    this.remaining = standing.remaining;
    this.fullAt = now + standing.reset;
    this.lastGrant = tokens;
    this.restUntil = 0;
    if (tokens < wanted) this.rest(next, now, demand.cost);
    if (!reply.admitted) return undefined;
    this.refusals = 0;
    const lease = { id, expiry, tokens, diesAt: sentAt + tau * SAFE };
    this.leases.push(lease);
    return lease;
  }

  /** An empty bucket is not asked at every drop that falls into it. @param wait ms, or a while if that is longer */
  rest(wait: number, now: number, cost: number): void {
    const least = Math.max(wait, this.tau / 16);
    // What others hold may come back within its life: to be seen, the first refusals are asked about again.
    this.refusals = Math.min(this.refusals + 1, 30);
    this.waitUntil = now + least;
    this.restUntil = this.deniedUntil = now + Math.min(least, this.tau * 1.25 * 2 ** (this.refusals - 1));
    this.deniedCost = cost;
  }

  standing(cost: number, now: number): Standing {
    const remaining = Math.min(this.demand.policy.limit, this.remaining + this.held(now));
    const wait = Math.max(0, this.waitUntil - now);
    const admits = !this.denies(cost, now);
    const reset = Math.max(wait, this.fullAt - now, 0);
    return { admits, remaining: admits ? remaining : Math.min(remaining, cost - 1), wait: admits ? 0 : wait, reset };
  }

  /** What was known of the rest was known by other numbers. */
  become(demand: Demand): void {
    const { limit, rate } = this.demand.policy;
    if (demand.policy.limit !== limit || demand.policy.rate !== rate) this.restUntil = this.deniedUntil = this.waitUntil = 0;
    this.demand = demand;
  }

  /** Nothing is held and nothing is known that would not be asked again. */
  isIdle(now: number): boolean {
    return this.asking === undefined && this.waitUntil <= now && this.held(now) === 0;
  }
}
