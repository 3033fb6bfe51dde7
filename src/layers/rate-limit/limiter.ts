import type { RateLimitConfig } from './config.ts';

/** How a limit counts. Travels with each call, so that whoever counts holds no configuration. */
export type Policy = Pick<
  RateLimitConfig,
  'algorithm' | 'limit' | 'rate' | 'window' | 'mode' | 'when_redis_is_down' | 'after_lost_data'
>;

/** What a request takes from one bucket. */
export interface Demand {
  /** Names the limit. Buckets are told apart by this and the key; a configuration that takes another's place keeps them. */
  readonly limit: string;
  readonly key: string;
  /** Whole tokens, up to `policy.limit`. 0 asks how a bucket stands from which another demand of the call takes. */
  readonly cost: number;
  /** The same for all demands that name the limit, until the configuration changes. */
  readonly policy: Policy;
}

/** How a bucket stands after a decision, as far as who decided knows. Times are milliseconds from then. */
export interface Standing {
  /** Whether this bucket had enough. */
  readonly admits: boolean;
  /** Whole tokens that are left, 0 or more. */
  readonly remaining: number;
  /** Until the demand can be met; 0 when it could. */
  readonly wait: number;
  /** Until the limit is there in full. */
  readonly reset: number;
}

export interface Decision {
  /** Whether all buckets had enough. If not, nothing was taken from any. */
  readonly admitted: boolean;
  /** One for each demand, in their order. */
  readonly standings: readonly Standing[];
  /**
   * Absent: by all that was counted. Otherwise the store could not be asked: `local`, by this instance's share; `open`, not at
   * all; `closed`, nobody passes, which says nothing about the client.
   */
  readonly without?: 'local' | 'open' | 'closed';
}

/**
 * Takes tokens from buckets: the port between the rate-limit layer and what it counts in.
 *
 * Atomic: one call. All its demands are met, or none of them takes anything.
 * Bound: a token bucket never gives more than `limit + rate·t` in any time t; a sliding log never more than `limit` in any
 * half-open window; a sliding counter and a fixed window never more than `2·limit − 1`. The contract suite
 * (test/layers/rate-limit/limiter.contract.ts) states them with each implementation's own slack.
 * Clock: that of the implementation, never the caller's. In memory it is the process's monotonic clock, read at each call
 * (a fixed window: the wall clock, see fixed-window.ts). A clock that stands still or jumps back mints nothing.
 * Answers at once where it can; a promise is for what has to be asked elsewhere. Never throws and never rejects: an
 * implementation that loses its store does what the policy says (`when_redis_is_down`).
 * A Redis neighbour decides from leases on the path, promises the same bounds for the whole fleet with the terms of
 * docs/fleet.md, and may refuse up to `rate·τ` that memory would admit.
 */
export interface RateLimiter {
  /** @param demands at least one; no two with a cost are for the same bucket */
  take(demands: readonly Demand[]): Decision | Promise<Decision>;
}
