import { GatewayError } from '../../http/errors.ts';
import type { Layer } from '../../http/layer.ts';
import type { Wheel } from '../../lib/wheel.ts';

/** Ends an exchange that takes longer than its route allows, body and all; not the tunnel that it may open. @param ms 0: never */
export function timeout(ms: number, wheel: Wheel): Layer {
  return (next) => (exchange) => {
    const limit = wheel.timeout(() => exchange.cancel(new GatewayError('route_timeout')));
    limit.set(ms);
    exchange.onEnd(() => limit.remove());
    const reply = next(exchange);
    // What follows a 101 is no exchange any more.
    if (exchange.upgrade !== undefined && reply instanceof Promise) {
      return reply.then((settled) => {
        if (settled.status === 101) limit.remove();
        return settled;
      });
    }
    return reply;
  };
}
