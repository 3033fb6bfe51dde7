import type { Clock } from '../../../lib/clock.ts';
import type { Decision, Demand, Standing } from '../limiter.ts';
import { MemoryRateLimiter } from '../memory.ts';

/**
 * What holds while Redis cannot be asked, as each limit says: this instance's share of it, no limit, or nobody passes. Bound of
 * all shares together: (1 + Σ 1/dᵢ)·(limit + rate·t) + one cost for each instance (FLEET.md B), where dᵢ is what an instance
 * divides by. There is one bucket for each key, across outages: one that comes and goes does not mint.
 */
export class Away {
  private readonly divisor: () => number;
  readonly buckets: MemoryRateLimiter;

  /** @param divisor instances that share the limits; 0: nobody knows, and shares are closed */
  constructor(clock: Clock, divisor: () => number) {
    this.divisor = divisor;
    this.buckets = new MemoryRateLimiter(clock);
  }

  take(demands: readonly Demand[]): Decision | Promise<Decision> {
    const divisor = this.divisor();
    const closed = ({ policy }: Demand) =>
      policy.when_redis_is_down === 'closed' || (policy.when_redis_is_down === 'local' && divisor === 0);
    if (demands.some(closed))
      return { admitted: false, standings: demands.map((one) => untouched(one, !closed(one))), without: 'closed' };
    const local = demands.filter(({ policy }) => policy.when_redis_is_down === 'local');
    if (local.length === 0) return { admitted: true, standings: demands.map((one) => untouched(one, true)), without: 'open' };
    const shares = local.map((demand) => shareOf(demand, divisor));
    const merge = ({ admitted, standings }: Decision): Decision => {
      const told = standings.values();
      return {
        admitted,
        standings: demands.map((one) => (local.includes(one) ? (told.next().value as Standing) : untouched(one, true))),
        without: 'local',
      };
    };
    const decision = this.buckets.take(shares);
    return decision instanceof Promise ? decision.then(merge) : merge(decision);
  }

  close(): void {
    this.buckets.close();
  }
}

function untouched({ policy }: Demand, admits: boolean): Standing {
  return { admits, remaining: admits ? policy.limit : 0, wait: 0, reset: 0 };
}

/** A request passes when its bucket is full, however small the share: else some would be refused for ever. */
function shareOf(demand: Demand, divisor: number): Demand {
  const { policy, cost } = demand;
  const isBucket = policy.algorithm === 'token_bucket';
  const limit = Math.max(cost, 1, isBucket ? policy.limit / divisor : Math.floor(policy.limit / divisor));
  return { ...demand, policy: { ...policy, limit, rate: policy.rate / divisor } };
}
