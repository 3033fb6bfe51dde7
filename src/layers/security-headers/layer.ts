import { clientScheme } from '../../http/client-scheme.ts';
import { fieldIdOf } from '../../http/field-names.ts';
import type { Layer } from '../../http/layer.ts';
import type { Reply } from '../../http/reply.ts';
import type { SecurityHeadersConfig } from './config.ts';

const FIELDS = {
  hsts: 'Strict-Transport-Security',
  frame_options: 'X-Frame-Options',
  content_type_options: 'X-Content-Type-Options',
  referrer_policy: 'Referrer-Policy',
  csp: 'Content-Security-Policy',
  permissions_policy: 'Permissions-Policy',
  cross_origin_opener_policy: 'Cross-Origin-Opener-Policy',
  cross_origin_resource_policy: 'Cross-Origin-Resource-Policy',
} as const satisfies Record<keyof SecurityHeadersConfig, string>;

/**
 * Fields that browsers heed, on every reply of the route, errors too. The upstream's own of the same names give way.
 * Strict-Transport-Security goes out over TLS only, ours or that of a trusted proxy: elsewhere nobody may heed it (RFC 6797 §7.2).
 */
export function securityHeaders(config: SecurityHeadersConfig): Layer {
  const keys = (Object.keys(FIELDS) as (keyof SecurityHeadersConfig)[]).filter((key) => config[key] !== '');
  const fields = (list: readonly (keyof SecurityHeadersConfig)[]): Field[] =>
    list.map((key) => ({
      name: FIELDS[key],
      lower: FIELDS[key].toLowerCase(),
      id: fieldIdOf(FIELDS[key]),
      value: config[key],
    }));
  const secure = writer(fields(keys));
  const plain = writer(fields(keys.filter((key) => key !== 'hsts')));
  return (next) => (exchange) => {
    exchange.onReply(clientScheme(exchange) === 'https' ? secure : plain);
    return next(exchange);
  };
}

interface Field {
  readonly name: string;
  readonly lower: string;
  readonly id: number;
  readonly value: string;
}

function writer(fields: readonly Field[]): (reply: Reply) => void {
  return ({ headers }) => {
    for (const { name, lower, id, value } of fields) {
      headers.remove(lower);
      headers.add(name, value, id);
    }
  };
}
