import type { Exchange } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';
import { template, trimmed } from '../../http/template.ts';
import { TrailersWithout } from '../../http/trailers-without.ts';
import type { IdentityHeadersConfig } from './config.ts';
import { spellings } from './spellings.ts';

interface Field {
  readonly name: string;
  readonly fill: (exchange: Exchange) => string | undefined;
}

/**
 * Tells the upstream who asks, in fields that no client can forge: what a client sent by these names, in any spelling that
 * an upstream could take for them, as a field or in a trailer, is dropped, also where nobody is known or a text cannot be
 * filled in.
 */
export function identityHeaders(config: IdentityHeadersConfig): Layer {
  const fields: readonly Field[] = Object.entries(config).map(([name, text]) => ({ name, fill: template(text) }));
  const forgeable = fields.flatMap(({ name }) => spellings(name));
  return (next) => (exchange) => {
    for (const name of forgeable) exchange.headers.remove(name);
    // Only a body in chunks can have trailers.
    if (exchange.body.length < 0) exchange.body = new TrailersWithout(exchange.body, forgeable);
    for (const { name, fill } of fields) {
      const value = trimmed(fill(exchange) ?? '');
      if (value !== undefined) exchange.headers.append(name, value);
    }
    return next(exchange);
  };
}
