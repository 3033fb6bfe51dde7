import { countingKey, isGlobal } from '../../http/counting-key.ts';
import type { Exchange } from '../../http/exchange.ts';
import { keysUse } from '../../http/exchange-key.ts';
import type { RateLimitConfig } from './config.ts';
import type { Demand } from './limiter.ts';

/** Whose limit it is, and so which requests share its buckets: those of a route, of all routes that name it, of a consumer. */
export type Scope = { readonly route: string } | 'shared' | { readonly consumer: string };

/** A limit, ready to ask for. */
export interface Limit {
  readonly config: RateLimitConfig;
  /** Of limits with one id, requests with the same key meet the same bucket. */
  readonly id: string;
  /** Whether the body has to be read before it can be asked for. */
  readonly needsForm: boolean;
  demand(exchange: Exchange): Demand;
}

/**
 * A limit whose key has `global` in it counts for all routes that have a limit of its name; otherwise its scope says who
 * shares it. Buckets are named after scope, name and algorithm, and outlive the configuration.
 */
export function openLimit(config: RateLimitConfig, scope: Scope, ipv6Prefix: number): Limit {
  const { name, algorithm, key, cost } = config;
  const id = JSON.stringify([isGlobal(key) ? 'global' : scope, name, algorithm]);
  const read = countingKey(key, ipv6Prefix);
  return {
    config,
    id,
    needsForm: keysUse(key, 'form'),
    demand: (exchange) => ({ limit: id, key: read(exchange), cost, policy: config }),
  };
}

/** The limits of each consumer, for the layers of all routes. */
export type ConsumerLimits = ReadonlyMap<string, readonly Limit[]>;

/** @param consumers the same on all routes: made once for a configuration */
export function consumerLimits(
  consumers: Iterable<{ readonly name: string; readonly rate_limits: readonly RateLimitConfig[] }>,
  ipv6Prefix: number,
): ConsumerLimits {
  const limits = new Map<string, readonly Limit[]>();
  for (const { name, rate_limits } of consumers) {
    if (rate_limits.length > 0)
      limits.set(
        name,
        rate_limits.map((config) => openLimit(config, { consumer: name }, ipv6Prefix)),
      );
  }
  return limits;
}
