import { networkInterfaces } from 'node:os';
import { DEFAULT_ADMIN_ADDR } from '../admin/config.ts';
import { type Address, formatAddress, isLoopback, isWildcard, parseAddress, parseEndpoint } from '../lib/address.ts';
import { suggest } from '../lib/suggest.ts';
import { DEFAULT_HTTP_ADDR } from '../server/config.ts';
import type { Finding } from './config-error.ts';
import { type Path, pathText, valueAt } from './path.ts';
import { parsePattern, patternShape } from './pattern.ts';

/**
 * What no single value shows: whether the parts of a document fit together. Reads the document as it was written and
 * passes over what the schema refuses, so that both kinds of problems are found in one go.
 */
export function crossCheck(document: unknown): Finding[] {
  return [...checkRoutes(document), ...checkAddresses(document)];
}

function checkRoutes(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const backends = keysOf(valueAt(document, ['load_balancing', 'backends']));
  const ids = new Map<string, Path>();
  const claims = new Map<string, Path>();
  for (const at of listOf(valueAt(document, ['routes'])).keys()) {
    const path: Path = ['routes', at];
    const [id, backend] = [valueAt(document, [...path, 'id']), valueAt(document, [...path, 'backend'])];
    if (typeof id === 'string') {
      const first = ids.get(id);
      if (first === undefined) ids.set(id, path);
      else findings.push({ path: [...path, 'id'], message: `${JSON.stringify(id)} is the id of ${pathText(first)} already` });
    }
    if (typeof backend === 'string' && !backends.has(backend)) {
      const message = `there is no backend ${JSON.stringify(backend)} under load_balancing.backends`;
      findings.push({ path: [...path, 'backend'], message, suggestion: suggest(backend, backends) });
    }
    findings.push(...claimPath(document, path, claims));
  }
  return findings;
}

/** Two routes for one path and method: which of them answers would be chance. */
function claimPath(document: unknown, path: Path, claims: Map<string, Path>): Finding[] {
  const pattern = valueAt(document, [...path, 'path']);
  const segments = typeof pattern === 'string' ? parsePattern(pattern) : '';
  if (typeof segments === 'string') return [];
  const listed = valueAt(document, [...path, 'methods']);
  // A route without methods yields to one that names the method: these two do not compete.
  const methods = listed === undefined ? ['any method'] : new Set(listOf(listed));
  for (const method of methods) {
    const claim = `${method} ${patternShape(segments)}`;
    const first = claims.get(claim);
    if (first !== undefined)
      return [{ path: [...path, 'path'], message: `${pathText(first)} takes the same path for ${method} already` }];
    claims.set(claim, path);
  }
  return [];
}

function checkAddresses(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const [given, alias] = [valueAt(document, ['admin', 'addr']), valueAt(document, ['metrics', 'metrics_addr'])];
  const [admin, other] = [readAddress(given ?? alias ?? DEFAULT_ADMIN_ADDR), readAddress(alias)];
  if (admin !== undefined && other !== undefined && formatAddress(admin) !== formatAddress(other)) {
    const message = `is another name for admin.addr, which is ${formatAddress(admin)}`;
    findings.push({ path: ['metrics', 'metrics_addr'], message });
  }
  const taken = admin === undefined ? [] : [{ address: admin, name: 'the admin address' }];
  const httpAddr = valueAt(document, ['server', 'http_addr']) ?? DEFAULT_HTTP_ADDR;
  for (const [at, text] of listOf(httpAddr).entries()) {
    const address = readAddress(text);
    if (address === undefined) continue;
    const path: Path = Array.isArray(httpAddr) ? ['server', 'http_addr', at] : ['server', 'http_addr'];
    const first = taken.find((one) => overlap(one.address, address));
    if (first !== undefined) findings.push({ path, message: `${formatAddress(address)} is ${first.name} already` });
    taken.push({ address, name: pathText(path) });
  }
  return admin === undefined ? findings : [...findings, ...checkUpstreams(document, admin)];
}

function checkUpstreams(document: unknown, admin: Address): Finding[] {
  const findings: Finding[] = [];
  for (const backend of keysOf(valueAt(document, ['load_balancing', 'backends']))) {
    const parent: Path = ['load_balancing', 'backends', backend, 'upstreams'];
    const seen = new Set<string>();
    for (const at of listOf(valueAt(document, parent)).keys()) {
      const path = [...parent, at, 'address'];
      const text = valueAt(document, path);
      const address = typeof text === 'string' ? parseEndpoint(text) : '';
      if (typeof address === 'string') continue;
      const written = formatAddress(address);
      if (isAdmin(address, admin))
        findings.push({ path, message: `${written} is the admin address, which is never an upstream` });
      if (seen.has(written)) findings.push({ path, message: `${written} is in the list already` });
      seen.add(written);
    }
  }
  return findings;
}

/**
 * Whether a connection to the one would reach the other, as far as it can be known without asking a name server.
 * All loopback addresses are taken for one: refusing 127.0.0.2 too is the smaller harm.
 */
export function isAdmin(upstream: Address, admin: Address): boolean {
  if (upstream.port !== admin.port) return false;
  if (upstream.host === admin.host) return true;
  const here = isLoopback(upstream.host) || isWildcard(upstream.host);
  if (!isWildcard(admin.host)) return here && isLoopback(admin.host);
  return here || Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === upstream.host));
}

function overlap(one: Address, other: Address): boolean {
  return one.port === other.port && one.port !== 0 && (one.host === other.host || isWildcard(one.host) || isWildcard(other.host));
}

function readAddress(value: unknown): Address | undefined {
  const address = typeof value === 'string' ? parseAddress(value) : '';
  return typeof address === 'string' ? undefined : address;
}

function keysOf(value: unknown): Set<string> {
  return new Set(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
