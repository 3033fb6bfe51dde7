import type { FleetView } from '../fleet/view.ts';
import type { Concurrency } from '../layers/concurrency/concurrency.ts';
import type { RateLimiter } from '../layers/rate-limit/limiter.ts';
import type { BucketCounts } from '../layers/rate-limit/memory.ts';
import type { LimiterView } from '../layers/rate-limit/redis/redis-limiter.ts';
import type { Circuits } from '../upstream/circuits/circuits.ts';

/** How the store that a fleet shares is: a part of /stats. */
export interface StoreView {
  readonly condition: string;
  /** Why, for operators; absent while it is up. */
  readonly reason?: string;
  readonly for_s: number;
  readonly latency_ms: number;
  /** What is counted in it has no bound: it throws keys away when its memory is full. */
  readonly evicts: boolean;
}

/** What policies count in. Made once for an instance, and outlives its configurations. */
export interface SharedState {
  readonly limiter: RateLimiter & BucketCounts;
  readonly circuits: Circuits;
  readonly concurrency: Concurrency;
  /** Instances of the fleet that are alive, this one among them: at least 1. */
  members(): number;
  /** Gets ready, and joins the fleet, if there is one. Waits a few seconds at most, whatever is out of order. */
  open(): Promise<void>;
  /** Says to the fleet that this instance serves no more. */
  leave(): Promise<void>;
  close(): void;
  /** Undefined: nothing is shared. */
  view(): { readonly redis: StoreView; readonly fleet: FleetView; readonly rate_limits: LimiterView } | undefined;
}
