import { StoreError } from '../../../redis/store.ts';
import type { Decision, Demand, RateLimiter, Standing } from '../limiter.ts';
import type { BucketCounts } from '../memory.ts';
import { Away } from './away.ts';
import { exactly } from './exact.ts';
import type { LeasedBucket, Spent } from './leased-bucket.ts';
import { Leases } from './leases.ts';
import type { RedisLimiterTools } from './limiter-tools.ts';
import { isLeasable, TAU, tauOf } from './take-call.ts';

export interface LimiterView {
  /** Ids of limits that are too small for leases. */
  readonly exact_by_themselves: readonly string[];
  /** All are exact then. */
  readonly redis_too_slow_for_leases: boolean;
}

/** Redis answers this much later than a lease lives, and nothing can be held ahead. */
const TOO_SLOW = TAU / 2;
/** Calls that one request waits for, at most: others may be served before it with what came. */
const MOST_CALLS = 4;

/**
 * Counts in Redis, for a whole fleet: token buckets from tokens taken ahead, where the limit is large enough for that; all else
 * by a call for each request. Bounds and their terms: docs/fleet.md. What is held is spent even while Redis is away; then each
 * limit's `when_redis_is_down` decides. Never rejects.
 */
export class RedisRateLimiter implements RateLimiter, BucketCounts {
  private readonly tools: RedisLimiterTools;
  private readonly leases: Leases;
  private readonly away: Away;
  /** Ids of limits that are exact though they say lease: there are as many as the configurations have had. */
  private readonly small = new Set<string>();

  constructor(tools: RedisLimiterTools) {
    const { clock, divisor } = tools;
    this.tools = tools;
    this.leases = new Leases(tools);
    this.away = new Away(clock, divisor);
  }

  /** What is not as the configuration says: a part of /stats. */
  view(): LimiterView {
    const [small, slow] = [[...this.small], this.tools.store.latency > TOO_SLOW];
    return { exact_by_themselves: small, redis_too_slow_for_leases: slow };
  }

  /** Buckets of which this instance holds or knows something, and those of its shares. */
  get keys(): number {
    return this.leases.size + this.away.buckets.keys;
  }

  get overflows(): number {
    return this.away.buckets.overflows;
  }

  take(demands: readonly Demand[]): Decision | Promise<Decision> {
    const now = this.tools.clock.now();
    const isSlow = this.tools.store.latency > TOO_SLOW;
    let [lacks, isDenied, isExact] = [false, false, false];
    const buckets: (LeasedBucket | undefined)[] = [];
    for (const demand of demands) {
      if (isSlow || tauOf(demand) === 0) {
        isExact = true;
        if (!isSlow && isLeasable(demand)) this.small.add(demand.limit);
        buckets.push(undefined);
        continue;
      }
      const bucket = this.leases.find(demand);
      buckets.push(bucket);
      if (bucket.held(now) >= demand.cost) continue;
      if (bucket.denies(demand.cost, now)) isDenied = true;
      else lacks = true;
    }
    const isDown = this.tools.store.state.condition === 'down';
    if (isDenied && !isDown) return { admitted: false, standings: this.standings(demands, buckets, now) };
    if (!isDenied && !lacks && !isExact) {
      for (const [at, { cost }] of demands.entries()) this.spend(buckets[at] as LeasedBucket, cost, now);
      return { admitted: true, standings: this.standings(demands, buckets, now) };
    }
    if (isDown) return this.away.take(demands);
    return this.takeLater(demands, buckets);
  }

  private spend(bucket: LeasedBucket, cost: number, now: number): Spent {
    const spent = bucket.spend(cost, now);
    if (bucket.isLow(bucket.held(now), now)) this.leases.askAhead(bucket);
    return spent;
  }

  /** Where the bucket of a demand is not leased, nothing is known: what Redis says of it takes the place. */
  private standings(demands: readonly Demand[], buckets: readonly (LeasedBucket | undefined)[], now: number): Standing[] {
    return demands.map(({ cost, policy }, at) => {
      const unknown = { admits: true, remaining: policy.limit, wait: 0, reset: 0 };
      return buckets[at]?.standing(cost, now) ?? unknown;
    });
  }

  private async takeLater(demands: readonly Demand[], buckets: readonly (LeasedBucket | undefined)[]): Promise<Decision> {
    const spent: Spent[] = [];
    this.need(demands, buckets, 1);
    let waits = true;
    const found = (): void => {
      if (waits) this.need(demands, buckets, -1);
      waits = false;
    };
    try {
      for (let calls = 0; ; calls++) {
        // Looked at and spent in one step: others wait for the same tokens.
        const now = this.tools.clock.now();
        const lacking = this.lacking(demands, buckets, now);
        if (lacking === undefined) return { admitted: false, standings: this.standings(demands, buckets, now) };
        if (lacking.length === 0) {
          for (const [at, { cost }] of demands.entries()) {
            const bucket = buckets[at];
            if (bucket !== undefined) spent.push(this.spend(bucket, cost, now));
          }
          break;
        }
        // Others were faster each time.
        if (calls >= MOST_CALLS)
          for (const bucket of lacking) bucket.rest(0, now, (demands[buckets.indexOf(bucket)] as Demand).cost);
        else await this.askAll(lacking);
      }
      found();
      return await this.rest(demands, buckets, spent);
    } catch (error) {
      putBack(spent);
      if (!(error instanceof StoreError)) throw error;
      return this.away.take(demands);
    } finally {
      found();
    }
  }

  private need(demands: readonly Demand[], buckets: readonly (LeasedBucket | undefined)[], sign: 1 | -1): void {
    for (const [at, { cost }] of demands.entries()) {
      const bucket = buckets[at];
      if (bucket !== undefined) bucket.needed += sign * cost;
    }
  }

  /** @returns buckets that hold too little; undefined when one is known to be empty */
  private lacking(
    demands: readonly Demand[],
    buckets: readonly (LeasedBucket | undefined)[],
    now: number,
  ): LeasedBucket[] | undefined {
    const lacking: LeasedBucket[] = [];
    for (const [at, { cost }] of demands.entries()) {
      const bucket = buckets[at];
      if (bucket === undefined || bucket.held(now) >= cost) continue;
      if (bucket.denies(cost, now)) return undefined;
      lacking.push(bucket);
    }
    return lacking;
  }

  private async askAll(lacking: readonly LeasedBucket[]): Promise<void> {
    await Promise.all(lacking.map((bucket) => this.leases.ask(bucket)));
  }

  /** What is not leased, with what is in hand. */
  private async rest(
    demands: readonly Demand[],
    buckets: readonly (LeasedBucket | undefined)[],
    spent: readonly Spent[],
  ): Promise<Decision> {
    const { clock } = this.tools;
    const asked = demands.filter((_, at) => buckets[at] === undefined);
    const reply = asked.length === 0 ? undefined : await exactly(asked, this.leases.id(), this.tools);
    const now = clock.now();
    if (reply !== undefined && spent.some((parts) => parts.some(([{ diesAt }]) => diesAt <= now)))
      throw new StoreError('late', 'a lease died while other limits were asked');
    const standings = this.standings(demands, buckets, now);
    if (reply === undefined) return { admitted: true, standings };
    if (!reply.admitted) putBack(spent);
    const told = reply.taken.values();
    return {
      admitted: reply.admitted,
      standings: standings.map((one, at) => (buckets[at] === undefined ? (told.next().value?.standing as Standing) : one)),
    };
  }

  close(): void {
    this.leases.close();
    this.away.close();
  }
}

/** Into the leases that it came from, as long as they live: a dead one is no use to anybody. */
function putBack(spent: readonly Spent[]): void {
  for (const parts of spent) for (const [lease, tokens] of parts) lease.tokens += tokens;
  (spent as Spent[]).length = 0;
}
