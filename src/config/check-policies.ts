import { suggest } from '../lib/suggest.ts';
import type { Finding } from './config-error.ts';
import { DEFINED_BY, type MiddlewareName } from './middleware.ts';
import { isBlock } from './overlay.ts';
import { type Path, valueAt } from './path.ts';

/** Those that act without a definition, by their defaults. */
const WITHOUT_DEFINITION: ReadonlySet<string> = new Set(['security_headers', 'compression']);

/** Whether what routes use is defined, and whom they let in is known. */
export function checkPolicies(document: unknown): Finding[] {
  const routes = valueAt(document, ['routes']);
  const ofRoutes = (Array.isArray(routes) ? routes : []).flatMap((route: unknown, at): Finding[] =>
    isBlock(route) ? checkRoute(document, route, ['routes', at]) : [],
  );
  return [...checkNames(document, ['defaults', 'middleware']), ...ofRoutes];
}

function checkRoute(document: unknown, route: Readonly<Record<string, unknown>>, path: Path): Finding[] {
  return [
    ...checkNames(document, [...path, 'middleware']),
    ...checkAuthentication(document, route['authentication'], [...path, 'authentication']),
    ...checkBackendOnly(route, path),
    ...checkUpgrades(document, route, path),
  ];
}

/** Names that have no definition to stand for. */
function checkNames(document: unknown, path: Path): Finding[] {
  const names = valueAt(document, path);
  return (Array.isArray(names) ? names : []).flatMap((name: unknown, at): Finding[] => {
    if (typeof name !== 'string' || WITHOUT_DEFINITION.has(name) || !Object.hasOwn(DEFINED_BY, name)) return [];
    const definition = DEFINED_BY[name as MiddlewareName];
    if (valueAt(document, ['middleware', definition]) !== undefined) return [];
    return [{ path: [...path, at], message: `needs middleware.${definition}, which says how` }];
  });
}

function checkAuthentication(document: unknown, block: unknown, path: Path): Finding[] {
  if (!isBlock(block)) return [];
  const types = valueAt(document, ['middleware', 'authentication', 'auth_type']);
  if (types === undefined)
    return [{ path, message: 'needs middleware.authentication, which says how somebody proves who they are' }];
  const defined = (Array.isArray(types) ? types : [types]).filter((type) => typeof type === 'string');
  const methods = Array.isArray(block['methods']) ? block['methods'] : [];
  const unknownMethods = methods.flatMap((method: unknown, at): Finding[] =>
    typeof method !== 'string' || defined.includes(method)
      ? []
      : [
          {
            path: [...path, 'methods', at],
            message: `${method} is not in middleware.authentication.auth_type`,
            expected: defined.join(', '),
          },
        ],
  );
  const known = consumerNames(document);
  const unknownConsumers = (Array.isArray(block['consumers']) ? block['consumers'] : []).flatMap(
    (name: unknown, at): Finding[] =>
      typeof name !== 'string' || known.has(name)
        ? []
        : [
            {
              path: [...path, 'consumers', at],
              message: `there is no consumer ${JSON.stringify(name)}`,
              suggestion: suggest(name, known),
            },
          ],
  );
  return [...unknownMethods, ...unknownConsumers];
}

function consumerNames(document: unknown): Set<string> {
  const consumers = valueAt(document, ['consumers']);
  return new Set(
    (Array.isArray(consumers) ? consumers : []).flatMap((one: unknown) =>
      isBlock(one) && typeof one['name'] === 'string' ? [one['name']] : [],
    ),
  );
}

/** What only means something where a request goes on to an upstream. */
function checkBackendOnly(route: Readonly<Record<string, unknown>>, path: Path): Finding[] {
  if (route['respond'] === undefined && route['redirect'] === undefined) return [];
  return ['websocket', 'upgrades', 'identity_headers']
    .filter((key) => route[key] !== undefined)
    .map((key) => ({ path: [...path, key], atKey: true, message: 'needs a backend: nothing goes on to an upstream here' }));
}

/** undici passes no upgrades on. */
function checkUpgrades(document: unknown, route: Readonly<Record<string, unknown>>, path: Path): Finding[] {
  const { backend, websocket, upgrades } = route;
  if (typeof backend !== 'string') return [];
  if (valueAt(document, ['load_balancing', 'backends', backend, 'transport']) !== 'undici') return [];
  const wanted = [websocket === undefined ? '' : 'websocket', Array.isArray(upgrades) && upgrades.length > 0 ? 'upgrades' : ''];
  return wanted
    .filter((key) => key !== '')
    .map((key) => ({
      path: [...path, key],
      atKey: true,
      message: `needs a backend with transport: wire, which ${backend} has not`,
    }));
}
