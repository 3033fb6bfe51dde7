import { suggest } from '../lib/suggest.ts';
import type { Finding } from './config-error.ts';
import { type Path, valueAt } from './path.ts';
import { type Pattern, parsePattern, patternShape } from './pattern.ts';
import { REDIRECT_NAMES, redirectPieces } from './redirect.ts';

/** Whether the routes of a document fit together, and each to itself, its backend and its tenant. */
export function checkRoutes(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const backends = new Set(Object.keys(blockOf(valueAt(document, ['load_balancing', 'backends']))));
  const hasTenants = valueAt(document, ['tenancy']) !== undefined;
  const ids = new Map<string, Path>();
  const claims = new Map<string, Path>();
  const routes = valueAt(document, ['routes']);
  for (const [at, written] of (Array.isArray(routes) ? routes : []).entries()) {
    const path: Path = ['routes', at];
    const route = blockOf(written);
    const { id, backend, tenant } = route;
    if (typeof id === 'string') {
      const first = ids.get(id);
      if (first === undefined) ids.set(id, path);
      else
        findings.push({
          path: [...path, 'id'],
          message: (nameOf) => `${JSON.stringify(id)} is the id of ${nameOf(first)} already`,
        });
    }
    if (typeof backend === 'string' && !backends.has(backend)) {
      const message = `there is no backend ${JSON.stringify(backend)} under load_balancing.backends`;
      findings.push({ path: [...path, 'backend'], message, suggestion: suggest(backend, backends) });
    }
    if (tenant !== undefined && !hasTenants)
      findings.push({ path: [...path, 'tenant'], message: 'tenancy.from is missing: it says where a tenant is read' });
    const pattern = typeof route['path'] === 'string' ? parsePattern(route['path']) : '';
    if (typeof pattern === 'string') continue;
    findings.push(...checkNames(route, pattern, path), ...claimPath(route, pattern, path, claims));
  }
  return findings;
}

/** Parameters are named in two more places than in the path: where they are constrained, and where they are used. */
function checkNames(route: Block, pattern: Pattern, path: Path): Finding[] {
  const findings: Finding[] = [];
  const { names } = pattern;
  for (const name of Object.keys(blockOf(route['path_params']))) {
    const at = { path: [...path, 'path_params', name], atKey: true };
    if (pattern.kind === 'regex') findings.push({ ...at, message: 'a regular expression says itself what its groups take' });
    else if (!names.includes(name))
      findings.push({ ...at, message: 'the path has no such parameter', suggestion: suggest(name, names) });
  }
  const { to } = blockOf(route['redirect']);
  const known = [...REDIRECT_NAMES, ...names];
  for (const piece of typeof to === 'string' ? redirectPieces(to) : []) {
    if ('text' in piece || known.includes(piece.name)) continue;
    const message = `{${piece.name}} is neither ${REDIRECT_NAMES.join(', ')} nor a parameter of the path`;
    findings.push({ path: [...path, 'redirect', 'to'], message, suggestion: suggest(piece.name, known) });
  }
  return findings;
}

/** Two routes for one path and method, and nothing to tell them apart: which of them answers would be chance. */
function claimPath(route: Block, pattern: Pattern, path: Path, claims: Map<string, Path>): Finding[] {
  const { tenant, host, methods: listed, when, priority = 0 } = route;
  const shape = patternShape(pattern, blockOf(route['path_params']) as Record<string, string>);
  const hosts = Array.isArray(host) ? host : [host];
  // A route without methods yields to one that names the method: these two do not compete.
  const methods = listed === undefined ? ['any method'] : Array.isArray(listed) ? listed : [];
  for (const host of new Set(hosts.map((one) => (typeof one === 'string' ? one.toLowerCase().replace(/\.$/, '') : one)))) {
    for (const method of new Set(methods)) {
      const claim = JSON.stringify([tenant, host, shape, method, when, Number(priority)]);
      const first = claims.get(claim);
      if (first !== undefined)
        return [{ path: [...path, 'path'], message: (nameOf) => `${nameOf(first)} takes the same path for ${method} already` }];
      claims.set(claim, path);
    }
  }
  return [];
}

type Block = Readonly<Record<string, unknown>>;

function blockOf(value: unknown): Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Block) : {};
}
