import { z } from 'zod';
import { fieldName, fieldValue, methodName } from '../lib/field-syntax.ts';
import { duration, field, flag, integer, name, quote, size, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { linearRegex } from '../lib/linear-regex.ts';
import { finishRetry, hedgeSchema, type RetryConfig, retrySchema } from '../upstream/retry/config.ts';
import { hosts } from './host-pattern.ts';
import { type MiddlewareConfig, middlewareNames } from './middleware.ts';
import { parsePattern } from './pattern.ts';
import { redirectSchema } from './redirect.ts';
import { policyShape, type RoutePolicies, resolvePolicies } from './route-policies.ts';
import { when } from './when.ts';

/** They end with the head, or must have nothing after it (RFC 9110 §6.4.1, §15.3.6). */
const WITHOUT_BODY = [204, 205, 304];

const path = field(z.string(), (text) => {
  const pattern = parsePattern(text);
  return typeof pattern === 'string' ? new Wrong(pattern) : text;
});

const constraint = field(z.string(), (text) => {
  const regex = linearRegex(text);
  return typeof regex === 'string' ? new Wrong(regex) : text;
});

const tenant = field(z.string(), (text) =>
  /^[\x21-\x7e]{1,256}$/.test(text) ? text : new Wrong(`not a tenant: ${quote(text)}`, '1 to 256 visible ASCII characters'),
);

const methods = z
  .array(methodName)
  .min(1, { error: 'an empty list lets no method through: leave it out for every method' })
  .refine((list) => new Set(list).size === list.length, { error: 'a method stands there twice' });

const respond = z
  .strictObject({
    status: integer(200, 599).prefault(200).describe('The status of the reply.'),
    headers: z.record(fieldName(), fieldValue).prefault({}).describe('Its fields.'),
    body: z.string().prefault('').describe('Its body, as UTF-8.'),
  })
  .refine(({ status, body }) => body === '' || !WITHOUT_BODY.includes(status), {
    path: ['body'],
    error: 'this status has no body',
  });

const retries = integer(0, 10);

export const defaultsSchema = z.strictObject({
  timeout: duration().prefault('60s').describe("A route's timeout unless it says otherwise."),
  retries: retries.prefault(0).describe('Tries after the first, for routes that do not say.'),
  middleware: middlewareNames.prefault([]).describe('What routes use that have no list of their own.'),
});

const shape = {
  id: name().describe('Its name in metrics and logs. No two routes share one.'),
  path: path.describe(
    'Exact, or with "*" (one segment), "**" (any number), ":id" or "{id}" (one segment by name; braces inside one too), or "~" and a regular expression.',
  ),
  path_params: z.record(z.string(), constraint).optional().describe('Regular expressions for parameters of the path, by name.'),
  host: hosts().optional().describe('Exact, "*.example.com", or a list. Default: every host.'),
  tenant: tenant.optional().describe('The one tenant that the route is for. Default: all.'),
  when: when().optional().describe('Conditions: header, query, cookie, accept, version; all, any, not of them.'),
  priority: integer(-1_000_000, 1_000_000).prefault(0).describe('Between routes that are equal in all else, the higher wins.'),
  methods: methods.optional().describe('Which methods it takes; GET implies HEAD. Default: every method.'),
  backend: z.string().optional().describe('The backend that answers. Exactly one of backend, respond and redirect.'),
  respond: respond.optional().describe('A reply by the gateway itself.'),
  redirect: redirectSchema.optional().describe('Sends the client elsewhere.'),
  timeout: duration().optional().describe('Of the whole exchange. Default: defaults.timeout.'),
  retries: retries.optional().describe('Tries after the first: short for retry.max_retries. Default: defaults.retries.'),
  retry: retrySchema.optional().describe('When and how a request is sent again.'),
  hedge: hedgeSchema.optional().describe('Asks a second upstream when the first is slow.'),
  body_bytes: size().optional().describe('Bytes of a request body. Default: server.limits.body_bytes. 0: no limit.'),
  access_log: flag().prefault(true).describe('Whether its requests are logged.'),
  preserve_host: flag().prefault(true).describe("Whether the client's Host goes to the upstream; else the upstream's address."),
  ...policyShape,
};

export const routeSchema = z
  .strictObject(shape)
  .refine((route) => [route.backend, route.respond, route.redirect].filter((answer) => answer !== undefined).length === 1, {
    error: 'a route has exactly one of backend, respond and redirect',
    // Also beside other problems of the route, so that one look shows them all.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  });

type Written = z.output<typeof routeSchema>;
type Common = Omit<Written, 'backend' | 'respond' | 'redirect' | 'timeout' | 'retries' | 'retry' | keyof typeof policyShape> & {
  timeout: number;
  retry: RetryConfig;
};
type Answer =
  | { backend: string; respond?: undefined; redirect?: undefined }
  | { backend?: undefined; respond: z.output<typeof respond>; redirect?: undefined }
  | { backend?: undefined; respond?: undefined; redirect: z.output<typeof redirectSchema> };

/** A path and who answers it: a backend, by a name that exists, or the gateway itself. `timeout` is milliseconds. */
export type RouteConfig = Frozen<Common & Answer> & RoutePolicies;

/** Fills in what the defaults and the definitions give. That exactly one answer is there has been checked. */
export function finishRoute(
  route: Written,
  defaults: z.output<typeof defaultsSchema>,
  middleware: MiddlewareConfig,
): RouteConfig {
  const { retries, retry, timeout, middleware: _, ...rest } = route;
  return {
    ...rest,
    ...resolvePolicies(route, defaults.middleware, middleware),
    timeout: timeout ?? defaults.timeout,
    retry: finishRetry(retry, retries ?? defaults.retries),
  } as RouteConfig;
}
