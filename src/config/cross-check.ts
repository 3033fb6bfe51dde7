import { DEFAULT_ADMIN_ADDR } from '../admin/config.ts';
import { type Address, formatAddress, isWildcard, parseAddress, parseEndpoint } from '../lib/address.ts';
import { leadsTo } from '../lib/own-address.ts';
import { DEFAULT_HTTP_ADDR } from '../server/config.ts';
import { checkPolicies } from './check-policies.ts';
import { checkRoutes } from './check-routes.ts';
import type { Finding } from './config-error.ts';
import { type Path, pathText, valueAt } from './path.ts';

/**
 * What no single value shows: whether the parts of a document fit together. Reads the document as it was written and
 * passes over what the schema refuses, so that both kinds of problems are found in one go.
 */
export function crossCheck(document: unknown): Finding[] {
  return [...checkRoutes(document), ...checkPolicies(document), ...checkAddresses(document), ...checkFleet(document)];
}

/** A fleet of which nobody hears is none. */
function checkFleet(document: unknown): Finding[] {
  const isAlone = valueAt(document, ['fleet']) !== undefined && valueAt(document, ['redis']) === undefined;
  return isAlone ? [{ path: ['fleet'], atKey: true, message: 'needs redis beside it: the instances of a fleet meet there' }] : [];
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
  for (const { path, value } of listening(document)) {
    const address = readAddress(value);
    if (address === undefined) continue;
    const first = taken.find((one) => overlap(one.address, address));
    if (first !== undefined) findings.push({ path, message: `${formatAddress(address)} is ${first.name} already` });
    taken.push({ address, name: pathText(path) });
  }
  return admin === undefined ? findings : [...findings, ...checkUpstreams(document, admin)];
}

/** Where clients come in: one address or a list under each of the two keys. */
function listening(document: unknown): { path: Path; value: unknown }[] {
  return ['http_addr', 'https_addr'].flatMap((key) => {
    const parent: Path = ['server', key];
    const given = valueAt(document, parent) ?? (key === 'http_addr' ? DEFAULT_HTTP_ADDR : []);
    return listOf(given).map((value, at) => ({ path: Array.isArray(given) ? [...parent, at] : parent, value }));
  });
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
      if (leadsTo(address, admin))
        findings.push({ path, message: `${written} is the admin address, which is never an upstream` });
      if (seen.has(written)) findings.push({ path, message: `${written} is in the list already` });
      seen.add(written);
    }
  }
  return findings;
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
