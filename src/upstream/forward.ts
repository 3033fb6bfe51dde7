import { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Handler } from '../http/layer.ts';
import type { Reply } from '../http/reply.ts';
import type { Backend } from './backend.ts';

/** The end of a route's chain: picks an endpoint and sends the request there. */
export function forward(backend: Backend): Handler {
  return (exchange: Exchange): Promise<Reply> => {
    const endpoint = backend.balancer.pick(exchange);
    if (endpoint === undefined) return Promise.reject(new GatewayError('upstream_unavailable'));
    exchange.upstream = endpoint.label;
    endpoint.active += 1;
    exchange.onEnd(() => {
      endpoint.active -= 1;
    });
    return endpoint.transport.send(exchange);
  };
}
