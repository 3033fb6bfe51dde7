import { ConfigError, type Finding, toProblem } from '../config-error.ts';
import { explainIssue, findings } from '../explain.ts';
import { isBlock } from '../overlay.ts';
import { parse } from '../parse.ts';
import type { Path } from '../path.ts';
import { type FluxgateRoute, fluxgateRoute } from './fluxgate-schema.ts';
import { fluxgateYaml, type NamedRoute } from './fluxgate-yaml.ts';

/** What a route's `tenant` may be. */
const TENANT = /^[\x21-\x7e]{1,256}$/;

/**
 * Makes a configuration of one for FluxGate: a JSON text with one route, a list of routes, or a map of users to theirs.
 * @param file for messages
 * @returns YAML, with comments for what cannot be carried over
 * @throws ConfigError with all that is wrong with the text, and what has no counterpart
 */
export function importFluxgate(text: string, file: string): string {
  const { value, locate } = parse(text, file, null);
  const wrong: Finding[] = [];
  const routes = written(value).flatMap(({ user, path, value: route }): NamedRoute[] => {
    if (user !== undefined && !TENANT.test(user)) {
      wrong.push({ path: [user], atKey: true, message: 'is no name of a user', expected: '1 to 256 visible ASCII characters' });
    }
    const parsed = fluxgateRoute.safeParse(route, { error: explainIssue });
    if (parsed.success) return [{ user, route: parsed.data as FluxgateRoute }];
    const inside = parsed.error.issues.flatMap((issue) => findings(issue, fluxgateRoute, route));
    wrong.push(...inside.map((finding) => ({ ...finding, path: [...path, ...finding.path] })));
    return [];
  });
  if (routes.length === 0 && wrong.length === 0) wrong.push({ path: [], message: 'there is no route in it' });
  if (wrong.length > 0)
    throw new ConfigError(
      wrong.map((finding) => toProblem(finding, locate)),
      file,
    );
  return fluxgateYaml(routes);
}

interface Written {
  readonly user: string | undefined;
  readonly path: Path;
  readonly value: unknown;
}

/** The routes of a text, whichever of the three it is. */
function written(value: unknown): Written[] {
  if (!isBlock(value) || isRoute(value)) return listed(value, undefined, []);
  return Object.entries(value).flatMap(([user, routes]) => listed(routes, user, [user]));
}

function listed(value: unknown, user: string | undefined, path: Path): Written[] {
  if (!Array.isArray(value)) return [{ user, path, value }];
  return value.map((route: unknown, at) => ({ user, path: [...path, at], value: route }));
}

/** Users may be called anything, but what they have are routes. */
function isRoute(value: Record<string, unknown>): boolean {
  return typeof value['path'] === 'string' || Array.isArray(value['upstreams']);
}
