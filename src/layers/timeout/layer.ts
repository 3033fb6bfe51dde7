import { GatewayError } from '../../http/errors.ts';
import type { Layer } from '../../http/layer.ts';
import type { Wheel } from '../../lib/wheel.ts';

/** Ends an exchange that takes longer than its route allows, body and all. @param ms 0: never */
export function timeout(ms: number, wheel: Wheel): Layer {
  return (next) => (exchange) => {
    const limit = wheel.timeout(() => exchange.cancel(new GatewayError('route_timeout')));
    limit.set(ms);
    exchange.onEnd(() => limit.remove());
    return next(exchange);
  };
}
