import type { Path } from '../path.ts';
import { parsePattern, patternShape } from '../pattern.ts';
import { isNotYet } from '../vocabulary.ts';
import type { FluxgateRoute } from './fluxgate-schema.ts';

/** A route and the user that it is for; undefined: for all. */
export interface NamedRoute {
  readonly user: string | undefined;
  readonly route: FluxgateRoute;
}

/** FluxGate tells its users apart by this field. */
const USER_FIELD = 'header:X-User-ID';

/** Writes routes that have been checked as a configuration that passes a check. */
export function fluxgateYaml(routes: readonly NamedRoute[]): string {
  const backends: string[] = [];
  const lines: string[] = [];
  const taken = new Set<string>();
  const claims = new Set<string>();
  for (const { user, route } of routes) {
    const id = freeName(route, user, taken);
    const claim = JSON.stringify([user, methodOf(route), shapeOf(route.path)]);
    backends.push(...backendLines(id, route));
    const own = routeLines(id, route, user);
    // Which of two equal routes answers would be chance here; FluxGate takes the first.
    lines.push(...(claims.has(claim) ? ['  # Never reached, since a route above is the same:', ...own.map(comment)] : own));
    claims.add(claim);
  }
  const users = routes.some(({ user }) => user !== undefined);
  return [
    '# Made of a FluxGate configuration. Lines that begin with "# not in this version" say what will be carried over one day.',
    ...(users ? setting(['tenancy'], `{ from: ${quoted(USER_FIELD)} }`, '') : []),
    'load_balancing:',
    '  backends:',
    ...backends,
    'routes:',
    ...lines,
  ].join('\n');
}

function backendLines(id: string, { load_balancing, upstreams }: FluxgateRoute): string[] {
  const breakers = upstreams.flatMap(({ circuit_breaker }) => (circuit_breaker === undefined ? [] : [circuit_breaker]));
  const [breaker] = breakers;
  const same = breakers.length === upstreams.length && breakers.every((one) => JSON.stringify(one) === JSON.stringify(breaker));
  const path: Path = ['load_balancing', 'backends', id];
  const fields = breaker && {
    enabled: breaker.enabled,
    failure_threshold: breaker.failure_threshold,
    window: seconds(breaker.window_seconds),
    open_for: seconds(breaker.open_seconds),
    half_open_requests: breaker.half_open_requests,
    success_threshold: breaker.success_threshold,
  };
  return [
    `    ${quoted(id)}:`,
    `      algorithm: ${load_balancing}`,
    '      upstreams:',
    ...upstreams.map(({ url, weight }) => `        - ${block({ address: url, weight })}`),
    ...(fields && !same ? ['      # Only some upstreams had a circuit breaker, or different ones: here all have this one.'] : []),
    ...(fields ? setting([...path, 'circuit_breaker'], block(fields), '      ') : []),
  ];
}

function routeLines(id: string, route: FluxgateRoute, user: string | undefined): string[] {
  const { cache, retry, route_rate_limit, user_rate_limit, user_id_key } = route;
  const method = methodOf(route);
  const limits = [
    ...(route_rate_limit ? [limit('route', ['route'], route_rate_limit)] : []),
    ...(user_rate_limit ? [limit('user', user_id_key ?? ['ip'], user_rate_limit)] : []),
  ];
  const put = (key: string, value: string) => setting(['routes', 0, key], value, '    ');
  return [
    `  - id: ${quoted(id)}`,
    ...(route.path.includes('*') ? ['    # "*" is one segment of a path, "**" any number of them.'] : []),
    `    path: ${quoted(route.path)}`,
    ...(method === undefined ? [] : [`    methods: [${quoted(method)}]`]),
    ...(user === undefined ? [] : put('tenant', quoted(user))),
    `    backend: ${quoted(id)}`,
    ...(limits.length > 0 ? put('rate_limits', `[${limits.join(', ')}]`) : []),
    ...(cache
      ? put(
          'cache',
          block({
            enabled: cache.enabled,
            ttl: milliseconds(cache.ttl_ms),
            max_entries: cache.max_entry,
            statuses: [200],
            query: 'all',
          }),
        )
      : []),
    ...(retry?.enabled ? put('retry', retryBlock(retry)) : []),
  ];
}

/** FluxGate counts the first try too, and tries again whatever the method. */
function retryBlock({ max_tries = 3, base_time_ms }: NonNullable<FluxgateRoute['retry']>): string {
  const backoff = base_time_ms === undefined ? undefined : { base: `${base_time_ms}ms` };
  return block({ max_retries: max_tries - 1, on: ['connect', 'reset', '5xx'], backoff });
}

function limit(
  name: string,
  key: readonly string[],
  { capacity, refill_rate }: NonNullable<FluxgateRoute['route_rate_limit']>,
): string {
  return block({ name, key, requests_per_second: refill_rate, burst: capacity });
}

/** A line; as a comment when nothing would act on it. */
function setting(path: Path, value: string, indent: string): string[] {
  const line = `${path.at(-1)}: ${value}`;
  return [isNotYet(path) ? `${indent}# not in this version: ${line}` : `${indent}${line}`];
}

function comment(line: string): string {
  return line.replace(/^ {2}(?=[^#]*\S)/, '  # ');
}

function methodOf({ method = '' }: FluxgateRoute): string | undefined {
  return /^(|\*|any|all)$/i.test(method) ? undefined : method.toUpperCase();
}

function shapeOf(path: string): string {
  const pattern = parsePattern(path);
  return typeof pattern === 'string' ? path : patternShape(pattern, {});
}

/** A name for the route and its backend, such as `get-api-users`. */
function freeName(route: FluxgateRoute, user: string | undefined, taken: Set<string>): string {
  const words = [user, methodOf(route), route.path]
    .filter((word) => word !== undefined)
    .join(' ')
    .toLowerCase();
  const base =
    words
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 100) || 'root';
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  taken.add(name);
  return name;
}

function seconds(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count}s`;
}

function milliseconds(count: number | undefined): string | undefined {
  return count === undefined ? undefined : count % 1000 === 0 ? `${count / 1000}s` : `${count}ms`;
}

/** A block of keys in one line, without those that are undefined. */
function block(fields: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${valueText(value)}`]));
  return `{ ${parts.join(', ')} }`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return block(value as Record<string, unknown>);
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** A text in quotes; `${` in it is no variable. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', () => '$${');
}
