import type { Layer } from '../../http/layer.ts';
import type { TransformConfig } from './config.ts';
import { HeaderEdits } from './header-edits.ts';
import { rewritePath, stripPrefix } from './path.ts';

/**
 * Changes the request on its way to the upstream, and every reply of the route on its way back, errors too. Texts are filled
 * in with what the request was when it came here; nothing in it can end a line or lead out of a path. (`host` is the
 * forwarding layer's, which says to the upstream what the client had asked for.)
 * @throws GatewayError bad_request, for a request from which the path of `rewrite` cannot be made
 */
export function transform(config: TransformConfig): Layer {
  const { strip_prefix, rewrite } = config;
  const request = new HeaderEdits(config.request_headers);
  const response = new HeaderEdits(config.response_headers);
  const target =
    rewrite !== undefined ? rewritePath(rewrite) : strip_prefix === undefined ? undefined : stripPrefix(strip_prefix);
  return (next) => (exchange) => {
    if (response.any) exchange.onReply(({ headers }) => response.apply(headers, exchange));
    const moved = target?.(exchange);
    if (request.any) request.apply(exchange.headers, exchange);
    if (moved !== undefined) exchange.target = moved;
    return next(exchange);
  };
}
