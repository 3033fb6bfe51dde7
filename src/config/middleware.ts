import { z } from 'zod';
import { authenticationSchema } from '../layers/authentication/config.ts';
import { compressionSchema } from '../layers/compression/config.ts';
import { corsSchema } from '../layers/cors/config.ts';
import { ipKeySchema, rateLimitingSchema } from '../layers/rate-limit/config.ts';
import { securityHeadersSchema } from '../layers/security-headers/config.ts';
import { transformSchema } from '../layers/transform/config.ts';
import { field, quote, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { suggest } from '../lib/suggest.ts';

/** What a route may name, and the key below `middleware` that says how it is. */
export const DEFINED_BY = {
  auth: 'authentication',
  rate_limit: 'rate_limiting',
  cors: 'cors',
  transform: 'transform',
  security_headers: 'security_headers',
  compression: 'compression',
} as const;

export type MiddlewareName = keyof typeof DEFINED_BY;

const NAMES = Object.keys(DEFINED_BY) as MiddlewareName[];

const middlewareName = field(z.string(), (text): MiddlewareName | Wrong => {
  const known = NAMES.find((name) => name === text);
  if (known !== undefined) return known;
  const meant = NAMES.find((name) => DEFINED_BY[name] === text) ?? suggest(text, NAMES);
  return new Wrong(`there is no middleware ${quote(text)}`, `one of ${NAMES.join(', ')}`, meant);
});

/** What a route turns on by name. The order says nothing: that is the gateway's own. */
export const middlewareNames = z
  .array(middlewareName)
  .refine((names) => new Set(names).size === names.length, { error: 'a name stands there twice' });

/** Definitions: nothing here acts until a route, or the defaults, name it. */
export const middlewareSchema = z.strictObject({
  rate_limiting: rateLimitingSchema.optional().describe('Name: rate_limit. One limit that all routes share which name it.'),
  authentication: authenticationSchema.optional().describe('Name: auth. The ways to prove who asks.'),
  cors: corsSchema.optional().describe('Name: cors. Cross-origin requests of browsers.'),
  transform: transformSchema.optional().describe('Name: transform. Changes of requests and replies.'),
  security_headers: securityHeadersSchema.prefault({}).describe('Name: security_headers. Fields that browsers heed.'),
  compression: compressionSchema.prefault({}).describe('Name: compression.'),
  ip_key: ipKeySchema.prefault({}).describe('How `ip` keys see addresses.'),
});

export type MiddlewareConfig = Frozen<z.output<typeof middlewareSchema>>;
