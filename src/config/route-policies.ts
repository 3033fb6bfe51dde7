import { z } from 'zod';
import { routeAuthenticationSchema } from '../layers/authentication/config.ts';
import { compressionSchema } from '../layers/compression/config.ts';
import { concurrencySchema } from '../layers/concurrency/config.ts';
import { corsSchema } from '../layers/cors/config.ts';
import { identityHeadersSchema } from '../layers/identity-headers/config.ts';
import { rateLimitsSchema } from '../layers/rate-limit/config.ts';
import { transformSchema } from '../layers/transform/config.ts';
import { upgradesSchema, webSocketSchema } from '../layers/web-socket/config.ts';
import { cidr } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { customLayersSchema } from '../snapshot/config.ts';
import { type MiddlewareConfig, type MiddlewareName, middlewareNames } from './middleware.ts';

/** The keys by which a route says what it asks of its requests. A block both defines and turns on. */
export const policyShape = {
  middleware: middlewareNames.optional().describe('Definitions below `middleware` that it uses. Default: defaults.middleware.'),
  authentication: routeAuthenticationSchema.optional().describe('Who may come in.'),
  identity_headers: identityHeadersSchema.optional().describe('Fields that tell the upstream who asks; never those of clients.'),
  rate_limits: rateLimitsSchema.prefault([]).describe('Limits that must all let a request through.'),
  concurrency: concurrencySchema.optional().describe('How many requests may be in progress at a time.'),
  ip_allow: z.array(cidr()).prefault([]).describe('Addresses that may come in. Empty: all.'),
  ip_deny: z.array(cidr()).prefault([]).describe('Addresses that may not, whatever ip_allow says.'),
  cors: corsSchema.optional().describe('Cross-origin requests of browsers.'),
  transform: transformSchema.optional().describe('Changes of the request and the reply.'),
  compression: compressionSchema.optional().describe('Compression of replies.'),
  websocket: webSocketSchema.optional().describe('WebSocket connections.'),
  upgrades: upgradesSchema.prefault([]).describe('Other protocols that a connection may change to.'),
  custom: customLayersSchema.prefault([]).describe('Layers of your own, in this order.'),
} as const;

const policies = z.object(policyShape);
type Written = z.output<typeof policies>;

type Resolved = Omit<Written, 'middleware' | 'authentication'> & {
  /** Undefined: everybody may come in, and nobody is asked who they are. */
  authentication: z.output<typeof routeAuthenticationSchema> | undefined;
  /** Whether it counts in the one limit that routes share. */
  shared_limit: boolean;
  security_headers: MiddlewareConfig['security_headers'] | undefined;
};

/** What of {@link policyShape} a route comes to, with all that it names put in. */
export type RoutePolicies = Frozen<Resolved>;

/**
 * Puts the definitions that a route names into their places; its own blocks win.
 * @param defaults the names of a route that has no list
 */
export function resolvePolicies(route: Written, defaults: readonly MiddlewareName[], defined: MiddlewareConfig): RoutePolicies {
  const names = new Set(route.middleware ?? defaults);
  const { authentication, rate_limits, concurrency, ip_allow, ip_deny, websocket, upgrades, custom } = route;
  const resolved = {
    identity_headers: route.identity_headers,
    ...{ rate_limits, concurrency, ip_allow, ip_deny, websocket, upgrades, custom },
    authentication: authentication ?? (names.has('auth') ? routeAuthenticationSchema.parse({}) : undefined),
    shared_limit: names.has('rate_limit'),
    security_headers: names.has('security_headers') ? defined.security_headers : undefined,
    cors: route.cors ?? (names.has('cors') ? defined.cors : undefined),
    transform: route.transform ?? (names.has('transform') ? defined.transform : undefined),
    compression: route.compression ?? (names.has('compression') ? defined.compression : undefined),
  };
  return resolved as RoutePolicies;
}
