import type { RouteConfig } from '../config/route.ts';
import { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import { normalizePath } from '../http/normalize-path.ts';
import { explainRoute, inOrder } from '../snapshot/explain-route.ts';
import { Router } from '../snapshot/router.ts';
import type { Rule } from '../snapshot/rule.ts';
import { describeScore } from '../snapshot/score.ts';
import { load } from './load.ts';
import type { Terminal } from './terminal.ts';

/** What `sluice routes` is asked for. */
export interface RoutesOptions {
  readonly file: string | undefined;
  /** A request as `METHOD URL`; undefined: the whole table is wanted. */
  readonly match: string | undefined;
  /** Fields of that request, each `Name: value`. */
  readonly headers: readonly string[];
}

const MISUSED = 2;
const REQUEST = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) +(?:(https?):\/\/([^/?#\s]+))?(\/[\x21-\x7e]*)?$/;

/**
 * Prints the routes of a configuration in the order in which they are asked; or, for one request, which of them answers
 * and why the others with its path do not.
 * @returns 0; 1 when no route takes the request; 2 for a request that is none
 * @throws ConfigError with all that is wrong with the configuration
 */
export async function routes(options: RoutesOptions, terminal: Terminal): Promise<number> {
  const { match, headers } = options;
  const { config } = load(options.file);
  const router = new Router(config.routes, config.tenantSource);
  if (match === undefined) {
    if (headers.length > 0) return misused('a field is that of a request: --match is missing', terminal);
    terminal.print(table(inOrder(router.rules)));
    return 0;
  }
  const exchange = readRequest(match, headers, config.server.normalize_path);
  return typeof exchange === 'string' ? misused(exchange, terminal) : explain(router, exchange, terminal);
}

function misused(message: string, terminal: Terminal): number {
  terminal.complain(`sluice: ${message}`);
  return MISUSED;
}

function readRequest(match: string, fields: readonly string[], policy: 'safe' | 'off'): Exchange | string {
  const [, method, scheme = 'http', named, written = '/'] = REQUEST.exec(match) ?? [];
  if (method === undefined) return `not a request: ${JSON.stringify(match)}; expected 'GET http://example.com/path'`;
  const headers = new Headers();
  for (const field of fields) {
    const colon = field.indexOf(':');
    try {
      headers.append(field.slice(0, Math.max(colon, 0)).trim(), field.slice(colon + 1).trim());
    } catch {
      return `not a field: ${JSON.stringify(field)}; expected 'Name: value'`;
    }
  }
  const host = named ?? headers.get('host') ?? '';
  headers.set('Host', host);
  const target = normalizePath(written.replace(/#.*$/, ''), policy);
  if (target === undefined) return `such a path is refused before it is routed: ${JSON.stringify(written)}`;
  const peer = { address: '127.0.0.1', port: 0, trusted: false };
  return new Exchange(method, scheme as 'http' | 'https', host, target, headers, peer, 1, undefined, 0);
}

function explain(router: Router<RouteConfig>, exchange: Exchange, terminal: Terminal): number {
  const verdicts = explainRoute(router, exchange);
  const winner = verdicts.find(({ wins }) => wins);
  const others = verdicts.filter(({ hasPath, wins }) => hasPath && !wins);
  const { authority, path, method } = exchange;
  const { allow } = router.match(exchange) as { allow?: readonly string[] };
  const answer =
    winner === undefined
      ? allow === undefined || allow.length === 0
        ? 'no route: 404'
        : `no route for the method: 405, Allow: ${allow.join(', ')}`
      : `${nameOf(winner.rule)} answers (${describeScore(winner.rule.score)})`;
  const lines = [`${method} ${authority}${path}: ${answer}`];
  if (others.length > 0) lines.push('', 'Routes with this path that do not answer, in the order in which they are asked:');
  for (const { rule, reason } of others) lines.push(`  ${nameOf(rule)}: ${reason} (${describeScore(rule.score)})`);
  const rest = verdicts.length - others.length - (winner === undefined ? 0 : 1);
  if (rest > 0) lines.push('', `${rest} more ${rest === 1 ? 'has' : 'have'} another path.`);
  terminal.print(lines.join('\n'));
  return winner === undefined ? 1 : 0;
}

function nameOf({ route, host }: Rule<RouteConfig>): string {
  return host === undefined ? route.id : `${route.id} at ${host}`;
}

function table(rules: readonly Rule<RouteConfig>[]): string {
  const rows = rules.map(({ route, tenant, host, score }) => [
    route.id,
    ...[tenant, host, route.methods?.join(',')].map((text) => text ?? '*'),
    route.path,
    answerOf(route),
    describeScore(score),
  ]);
  const all = [['ROUTE', 'TENANT', 'HOST', 'METHODS', 'PATH', 'ANSWER', 'SCORE'], ...rows];
  const widths = (all[0] as string[]).map((_, at) => Math.max(...all.map((row) => (row[at] as string).length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function answerOf({ backend, respond, redirect }: RouteConfig): string {
  if (backend !== undefined) return backend;
  return respond === undefined ? `${redirect?.status} ${redirect?.to}` : `respond ${respond.status}`;
}
