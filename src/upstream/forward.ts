import type { Handler } from '../http/layer.ts';
import type { Clock } from '../lib/clock.ts';
import { Attempt } from './attempt.ts';
import type { Backend } from './backend.ts';

/** The end of a route's chain that asks one upstream, once. */
export function forward(backend: Backend, clock: Clock): Handler {
  return async (exchange) => {
    backend.budget.count(exchange.startedAt);
    const endpoint = backend.pick(exchange);
    if (endpoint === undefined) throw backend.refusal();
    const attempt = new Attempt(exchange, endpoint, exchange.body, backend, clock);
    exchange.upstream = endpoint.label;
    const reply = await attempt.send();
    attempt.keep();
    return reply;
  };
}
