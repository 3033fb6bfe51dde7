import type { Clock } from '../../../lib/clock.ts';
import type { Keys } from '../../../redis/keys.ts';
import type { Store } from '../../../redis/store.ts';

export interface RedisLimiterTools {
  readonly store: Store;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Milliseconds after which an answer is not used any more. */
  readonly commandTimeout: number;
  /** Instances that share the limits while Redis is away; 0: nobody knows. */
  readonly divisor: () => number;
}
