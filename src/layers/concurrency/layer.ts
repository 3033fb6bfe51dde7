import { countingKey, isGlobal } from '../../http/counting-key.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Handler, Layer } from '../../http/layer.ts';
import { problemReply } from '../../http/problem.ts';
import type { Reply } from '../../http/reply.ts';
import type { Counter } from '../../lib/cell.ts';
import type { Concurrency, Permit } from './concurrency.ts';
import type { ConcurrencyConfig } from './config.ts';
import type { ConcurrencyMetrics } from './metrics.ts';

/** Nobody knows when a place becomes free; a second is what a client should leave it alone at least. */
const RETRY_AFTER = '1';

/** What the limits of all routes work with. */
export interface ConcurrencyTools {
  readonly concurrency: Concurrency;
  readonly metrics: ConcurrencyMetrics;
  /** Bits of an IPv6 address that count as one client. */
  readonly ipv6Prefix: number;
}

/**
 * Lets so many requests of a key be in progress at a time, from here until the last byte of the reply (for a tunnel: until
 * it closes); answers 429 to others. A key with `global` in it counts over all routes that have such a limit.
 * @param routeId also what its metrics are labelled with, unless `label` says otherwise
 */
export function concurrency(config: ConcurrencyConfig, routeId: string, tools: ConcurrencyTools, label = routeId): Layer {
  const scope = JSON.stringify(isGlobal(config.key) ? 'global' : { route: routeId });
  const key = countingKey(config.key, tools.ipv6Prefix);
  const { metrics } = tools;
  let inFlight: Counter | undefined;
  let refused: Counter | undefined;
  const settle = (permit: Permit | undefined, exchange: Exchange, next: Handler): Reply | Promise<Reply> => {
    if (permit === undefined) {
      refused ??= metrics.refused.cell({ route: label });
      refused.value += 1;
      return full(config.limit, exchange);
    }
    inFlight ??= metrics.inFlight.cell({ route: label });
    const count = inFlight;
    count.value += 1;
    exchange.onEnd(() => {
      count.value -= 1;
      permit.leave();
    });
    return next(exchange);
  };
  return (next) => (exchange) => {
    const permit = tools.concurrency.enter(scope + key(exchange), config.limit);
    if (!(permit instanceof Promise)) return settle(permit, exchange, next);
    return permit.then((settled) => {
      if (exchange.cancelError === undefined) return settle(settled, exchange, next);
      settled?.leave();
      throw exchange.cancelError;
    });
  };
}

function full(limit: number, exchange: Exchange): Reply {
  const detail = `Not more than ${limit} at a time: try again when one of them is done.`;
  const reply = problemReply(
    { status: 429, code: 'too_many_at_once', title: 'Too many requests at once', detail },
    exchange.requestId,
  );
  reply.headers.add('Retry-After', RETRY_AFTER);
  return reply;
}
