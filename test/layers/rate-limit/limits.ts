import { type AlgorithmName, type RateLimitConfig, rateLimitsSchema } from '../../../src/layers/rate-limit/config.ts';
import type { Demand } from '../../../src/layers/rate-limit/limiter.ts';

/** A limit as a route writes it. */
export function limitOf(written: Record<string, unknown>): RateLimitConfig {
  return rateLimitsSchema.parse([{ name: 'a', ...written }])[0] as RateLimitConfig;
}

/** So many in so long, by each algorithm. */
export function limitBy(algorithm: AlgorithmName, limit: number, window: number): RateLimitConfig {
  const name = algorithm === 'token_bucket' || algorithm === 'fixed_window' ? algorithm : 'sliding_window';
  return { ...limitOf({ algorithm: name, limit, window: `${window}ms` }), algorithm };
}

export function demandOf(policy: RateLimitConfig, key = 'k', cost = 1, limit: string = policy.algorithm): Demand {
  return { limit, key, cost, policy };
}
