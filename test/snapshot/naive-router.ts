import type { Routable } from '../../src/snapshot/rule.ts';

/** A request as the naive router sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly tenant: string | undefined;
  /** Whether the one condition of the tests holds. */
  readonly beta: boolean;
}

/** A route of the tests: each of its conditions asks whether it is a beta request, or whether it is not. */
export interface Asking extends Routable {
  readonly conditions: readonly boolean[];
}

type Params = Record<string, string>;

/** How well a segment of a pattern says what it takes: smaller is better, compared from the left. */
function rankOf(segment: string, params: Params, last: boolean): number[] {
  if (segment === '**') return [last ? 9 : 6];
  const names = [...segment.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string);
  const checked = names.some((name) => name in params);
  if (names.length === 0) return [segment === '*' ? 5 : 1];
  const fixed = segment.replace(/\{\w+\}/g, '').length;
  return fixed === 0 ? [checked ? 4 : 5] : [2, -fixed, checked ? 0 : 1];
}

function pathRank(route: Asking): number[] {
  const { path, path_params = {} } = route;
  // The fixed beginnings of the regular expressions in the tests.
  if (path.startsWith('~')) return [...(path.startsWith('~^/a/') ? [1] : []), 3];
  const segments = path.slice(1).split('/');
  const ranks = segments.flatMap((each, at) => rankOf(each, path_params, at === segments.length - 1));
  return segments.at(-1) === '**' ? ranks : [...ranks, 8];
}

function takeSegment(segment: string, part: string, constraints: Params): Params | undefined {
  if (segment === '*') return part === '' ? undefined : {};
  const pieces = segment.split(/\{(\w+)\}/);
  // As little as possible for each parameter, the last one takes what is left.
  const text = pieces.map((piece, at) => (at % 2 === 0 ? piece.replace(/[.*+?^$()|[\]\\-]/g, '\\$&') : '(.+?)')).join('');
  const found = new RegExp(`^${text}$`).exec(part);
  if (found === null) return undefined;
  const params = Object.fromEntries(pieces.filter((_, at) => at % 2 === 1).map((name, at) => [name, found[at + 1] as string]));
  const good = Object.entries(params).every(([name, value]) => new RegExp(constraints[name] ?? '').test(value));
  return good ? params : undefined;
}

function take(segments: readonly string[], parts: readonly string[], constraints: Params): Params | undefined {
  const [segment, ...others] = segments;
  if (segment === undefined) return parts.length === 0 ? {} : undefined;
  if (segment === '**') {
    for (let skipped = 0; skipped <= parts.length; skipped++) {
      const params = take(others, parts.slice(skipped), constraints);
      if (params !== undefined) return params;
    }
    return undefined;
  }
  const [part, ...rest] = parts;
  const here = part === undefined ? undefined : takeSegment(segment, part, constraints);
  const there = here === undefined ? undefined : take(others, rest, constraints);
  return there === undefined ? undefined : { ...here, ...there };
}

function takePath({ path, path_params = {} }: Asking, asked: string): Params | undefined {
  if (!path.startsWith('~')) return take(path.slice(1).split('/'), asked.slice(1).split('/'), path_params);
  const found = new RegExp(path.slice(1)).exec(asked);
  return found === null ? undefined : { ...found.groups };
}

function hostRank(hosts: readonly string[] | undefined, host: string): number | undefined {
  if (hosts === undefined) return 0;
  const ranks = hosts.flatMap((one) => {
    if (one === host) return [1000];
    return one.startsWith('*.') && host.endsWith(one.slice(1)) ? [one.split('.').length] : [];
  });
  return ranks.length === 0 ? undefined : Math.max(...ranks);
}

function methodRank(methods: readonly string[] | undefined, method: string): number | undefined {
  if (methods === undefined) return 2;
  if (methods.includes(method)) return 0;
  return method === 'HEAD' && methods.includes('GET') ? 1 : undefined;
}

/** The answer of a router, found by asking every route and sorting those that agree. */
export function naiveMatch<Route extends Asking>(routes: readonly Route[], asked: Asked) {
  const fitting = routes.flatMap((route, order) => {
    const params = takePath(route, asked.path);
    const host = hostRank(route.host, asked.host);
    const mine = route.tenant === undefined || route.tenant === asked.tenant;
    if (params === undefined || host === undefined || !mine || route.conditions.some((beta) => beta !== asked.beta)) return [];
    const before = [[route.tenant === undefined ? 1 : 0, -host], pathRank(route), [-route.conditions.length]];
    return [{ route, params, before, after: [-(route.priority ?? 0), order] }];
  });
  const taking = fitting.flatMap(({ route, params, before, after }) => {
    const method = methodRank(route.methods, asked.method);
    return method === undefined ? [] : [{ route, params, key: [...before, [method], after] }];
  });
  taking.sort((one, other) => compare(one.key.flat(), other.key.flat()));
  const methods = fitting.flatMap(({ route: { methods = [] } }) => (methods.includes('GET') ? [...methods, 'HEAD'] : methods));
  return { ...taking[0], allow: [...new Set(methods)].sort() };
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, place) => number !== other[place]);
  return at < 0 ? 0 : (one[at] as number) - (other[at] ?? -1);
}
