import type { Source } from '../../http/body.ts';
import type { Layer } from '../../http/layer.ts';
import { isSource } from '../../http/reply.ts';
import { TrailersWithout } from '../../http/trailers-without.ts';
import type { TransformConfig } from './config.ts';
import { HeaderEdits } from './header-edits.ts';
import { rewritePath, stripPrefix } from './path.ts';

/**
 * Changes the request on its way to the upstream. Texts are filled in with what it was when it came here; nothing in it can
 * end a line or lead out of a path. (`host` is the forwarding layer's, which says to the upstream what the client had asked
 * for.)
 * @throws GatewayError bad_request, for a request from which the path of `rewrite` cannot be made
 */
export function transformRequests({ strip_prefix, rewrite, request_headers }: TransformConfig): Layer {
  const edits = new HeaderEdits(request_headers);
  const target =
    rewrite !== undefined ? rewritePath(rewrite) : strip_prefix === undefined ? undefined : stripPrefix(strip_prefix);
  if (!edits.any && target === undefined) return (next) => next;
  return (next) => (exchange) => {
    const moved = target?.(exchange);
    if (edits.any) edits.write(exchange.headers, edits.values(exchange));
    if (edits.gone.length > 0) exchange.body = withoutTrailers(exchange.body, edits.gone);
    if (moved !== undefined) exchange.target = moved;
    return next(exchange);
  };
}

/**
 * Changes every reply on its way back, errors too. Texts are filled in with what the request was when it came here, and with
 * who asked when the reply leaves.
 */
export function transformReplies({ response_headers }: TransformConfig): Layer {
  const edits = new HeaderEdits(response_headers);
  if (!edits.any) return (next) => next;
  return (next) => (exchange) => {
    const values = edits.values(exchange);
    exchange.onReply((reply) => {
      edits.write(reply.headers, values);
      if (edits.gone.length > 0 && isSource(reply.body)) reply.body = withoutTrailers(reply.body, edits.gone);
    });
    return next(exchange);
  };
}

/** Only a body of unknown length has any. */
function withoutTrailers(body: Source, names: readonly string[]): Source {
  return body.length < 0 ? new TrailersWithout(body, names) : body;
}
