import { z } from 'zod';
import { parseEndpoint } from '../../lib/address.ts';
import { choice, field, integer, Wrong } from '../../lib/fields.ts';
import { parsePattern } from '../pattern.ts';

const path = field(z.string(), (text) => {
  const pattern = parsePattern(text);
  return typeof pattern === 'string' ? new Wrong(pattern) : text;
});

const method = field(z.string(), (text) =>
  /^(?:[a-z]*|\*)$/i.test(text) && !/^connect$/i.test(text)
    ? text
    : new Wrong('not a method', 'a word such as GET, or "*" for all'),
);

const url = field(z.string(), (text) => {
  const endpoint = parseEndpoint(text);
  return typeof endpoint === 'string' ? new Wrong(endpoint, 'a URL such as http://localhost:9001') : text;
});

const circuitBreaker = z.strictObject({
  enabled: z.boolean().prefault(true),
  failure_threshold: integer(1).optional(),
  window_seconds: integer(1).optional(),
  open_seconds: integer(1).optional(),
  half_open_requests: integer(1).optional(),
  success_threshold: integer(1).optional(),
});

const rateLimit = z.strictObject({
  type: choice(['token_bucket']).prefault('token_bucket'),
  capacity: integer(1),
  refill_rate: z.number().positive({ error: 'must be more than 0' }),
});

/** One route of FluxGate's configuration model. */
export const fluxgateRoute = z.strictObject({
  path,
  method: method.optional(),
  load_balancing: choice(['round_robin', 'weighted_round_robin']).prefault('round_robin'),
  upstreams: z
    .array(z.strictObject({ url, weight: integer(1, 10_000).optional(), circuit_breaker: circuitBreaker.optional() }))
    .min(1),
  route_rate_limit: rateLimit.optional(),
  user_rate_limit: rateLimit.optional(),
  user_id_key: z.array(z.string()).optional(),
  cache: z
    .strictObject({ enabled: z.boolean().prefault(true), ttl_ms: integer(1).optional(), max_entry: integer(1).optional() })
    .optional(),
  retry: z
    .strictObject({
      enabled: z.boolean().prefault(true),
      max_tries: integer(1, 11).optional(),
      base_time_ms: integer(0).optional(),
    })
    .optional(),
});

export type FluxgateRoute = z.output<typeof fluxgateRoute>;
