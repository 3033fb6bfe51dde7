import { isDeepStrictEqual } from 'node:util';
import { wrongPublicKey } from '../layers/authentication/config.ts';
import { identityHeaderParams } from '../layers/identity-headers/config.ts';
import { isShared, type Keyed, keyParams, type RateLimitConfig } from '../layers/rate-limit/config.ts';
import { transformParams } from '../layers/transform/config.ts';
import { suggest } from '../lib/suggest.ts';
import type { Finding } from './config-error.ts';
import type { Config } from './document.ts';
import { PUBLIC_KEY } from './jwt-key-file.ts';
import type { Path } from './path.ts';
import { parsePattern } from './pattern.ts';
import type { RouteConfig } from './route.ts';
import { tenantKeys } from './tenant-keys.ts';

/** What can only be seen once every part is read and understood. */
export function finishedChecks(config: Config): Finding[] {
  const tenants = config.tenantSource === undefined ? tenantKeys(config) : [];
  const missing = tenants.map((path) => ({ path, message: 'tenancy.from is missing: it says where a tenant is read' }));
  return [...missing, ...checkJwtKey(config), ...checkParams(config), ...checkHashKeys(config), ...checkShared(config)];
}

function checkJwtKey({ middleware: { authentication } }: Config): Finding[] {
  const jwt = authentication?.jwt;
  if (jwt?.public_key === undefined) return [];
  const message = wrongPublicKey(jwt.public_key, jwt);
  return message === undefined ? [] : [{ path: PUBLIC_KEY, message }];
}

/** Texts that name a parameter which the path of their route does not have. */
function checkParams({ routes }: Config): Finding[] {
  return routes.flatMap((route, at) => {
    const wanted = named(route, ['routes', at]).filter(({ params }) => params.length > 0);
    const pattern = wanted.length === 0 ? '' : parsePattern(route.path);
    const known = typeof pattern === 'string' ? [] : pattern.names;
    return wanted.flatMap(({ path, params }) =>
      params
        .filter((name) => !known.includes(name))
        .map((name) => ({ path, message: `{${name}} is no parameter of the path`, suggestion: suggest(name, known) })),
    );
  });
}

function named(
  { transform, identity_headers, rate_limits, concurrency }: RouteConfig,
  path: Path,
): { path: Path; params: string[] }[] {
  const ofKey = (keyed: Keyed, ...steps: (string | number)[]) => ({ path: [...path, ...steps, 'key'], params: keyParams(keyed) });
  return [
    ...(transform === undefined ? [] : [{ path: [...path, 'transform'], params: transformParams(transform) }]),
    ...(identity_headers === undefined
      ? []
      : [{ path: [...path, 'identity_headers'], params: identityHeaderParams(identity_headers) }]),
    ...rate_limits.map((limit, at) => ofKey(limit, 'rate_limits', at)),
    ...(concurrency === undefined ? [] : [ofKey(concurrency, 'concurrency')]),
  ];
}

/** A backend may serve routes of several shapes: a parameter that none of them has is a slip. */
function checkHashKeys({ backends, routes }: Config): Finding[] {
  const known = new Set<string>();
  for (const { path } of routes) {
    const pattern = parsePattern(path);
    if (typeof pattern !== 'string') for (const name of pattern.names) known.add(name);
  }
  return Object.entries(backends).flatMap(([name, { hash_on }]) =>
    keyParams({ key: hash_on })
      .filter((param) => !known.has(param))
      .map((param) => ({
        path: ['load_balancing', 'backends', name, 'hash_on'],
        message: `{${param}} is no parameter of any route's path`,
        suggestion: suggest(param, [...known]),
      })),
  );
}

/** Limits that share their buckets over routes have to be the same limit: else the bound would be that of neither. */
function checkShared(config: Config): Finding[] {
  const first = new Map<string, { path: Path; limit: RateLimitConfig }>();
  return limitsOf(config).flatMap(({ path, limit }): Finding[] => {
    if (!isShared(limit)) return [];
    const before = first.get(limit.name);
    if (before === undefined) first.set(limit.name, { path, limit });
    if (before === undefined || isDeepStrictEqual(numbers(before.limit), numbers(limit))) return [];
    const { path: other } = before;
    return [{ path, message: (nameOf) => `a global limit has one bucket, and ${nameOf(other)} has other numbers for it` }];
  });
}

function limitsOf({ routes, consumers, middleware: { rate_limiting } }: Config): { path: Path; limit: RateLimitConfig }[] {
  const listed = (kind: string, all: readonly { readonly rate_limits: readonly RateLimitConfig[] }[]) =>
    all.flatMap(({ rate_limits }, at) => rate_limits.map((limit, index) => ({ path: [kind, at, 'rate_limits', index], limit })));
  const shared = rate_limiting === undefined ? [] : [{ path: ['middleware', 'rate_limiting'], limit: rate_limiting }];
  return [...shared, ...listed('consumers', consumers), ...listed('routes', routes)];
}

function numbers({ name, key, headers, ...numbers }: RateLimitConfig): unknown {
  return numbers;
}
