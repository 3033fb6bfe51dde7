import type { z } from 'zod';
import { ConfigError, type Problem } from './config-error.ts';
import { readValue, variable } from './environment.ts';
import { isBlock, type Setting } from './overlay.ts';
import { type Path, valueAt } from './path.ts';
import type { Environment } from './substitute.ts';

/** Variables that set one thing each. Those that end in SECONDS are bare numbers. */
const ONE: Readonly<Record<string, Path>> = {
  SLUICE_LISTEN_ADDR: ['server', 'http_addr'],
  SLUICE_MAX_CONNECTIONS: ['server', 'max_connections'],
  SLUICE_TIMEOUT_SECONDS: ['defaults', 'timeout'],
  SLUICE_HEALTH_CHECK_INTERVAL_SECONDS: ['health_check', 'interval'],
  SLUICE_HEALTH_CHECK_PATH: ['health_check', 'path'],
  SLUICE_LOG_LEVEL: ['log', 'level'],
  SLUICE_ENABLE_METRICS: ['metrics', 'prometheus'],
  SLUICE_METRICS_ADDR: ['admin', 'addr'],
  SLUICE_LOAD_BALANCING_ALGORITHM: ['load_balancing', 'algorithm'],
  SLUICE_HTTPS_ADDR: ['server', 'https_addr'],
  SLUICE_TLS_CERT: ['server', 'tls_cert'],
  SLUICE_TLS_KEY: ['server', 'tls_key'],
};
const BACKENDS = ['SLUICE_BACKEND_ADDR', 'SLUICE_BACKEND_SERVERS'] as const;
const TLS_KEYS: readonly string[] = ['https_addr', 'tls_cert', 'tls_key', 'tls'];
const DEFAULT_HTTPS_ADDR = '127.0.0.1:8443';
const FLAGS = ['SLUICE_ENABLE_HEALTH_CHECK', 'SLUICE_ENABLE_TLS'] as const;

/** The variables of the documented table. */
export const SHORT_NAMES: readonly string[] = [...Object.keys(ONE), ...BACKENDS, ...FLAGS];

/** Where a proxy that no file describes goes, and where that was said. */
export interface ProxyTarget {
  readonly address: string;
  readonly source: string;
}

/** What the short variables mean for a document. */
export interface ShortSettings {
  readonly settings: readonly Setting[];
  /** The upstreams of a proxy without a file. */
  readonly targets: readonly ProxyTarget[];
  readonly problems: readonly Problem[];
}

/** @param document what the files say; undefined: there are none, and then the defaults of the table hold */
export function shortSettings(environment: Environment, document: unknown, schema: z.ZodType): ShortSettings {
  const problems: Problem[] = [];
  const refuse = (name: string, message: string, expected?: string): void => {
    problems.push({ path: '', source: variable(name), message, ...(expected !== undefined && { expected }) });
  };
  const given = (name: string): string | undefined => environment[name] || undefined;
  const flag = (name: (typeof FLAGS)[number]): boolean | undefined => {
    const text = given(name);
    if (text !== undefined && text !== 'true' && text !== 'false')
      refuse(name, `must be true or false, not ${JSON.stringify(text)}`);
    return text === undefined ? undefined : text === 'true';
  };
  const alone = document === undefined && SHORT_NAMES.some((name) => given(name) !== undefined);
  const probed = flag('SLUICE_ENABLE_HEALTH_CHECK') ?? (alone || undefined);
  const encrypted = flag('SLUICE_ENABLE_TLS');
  const settings = [
    ...(probed === undefined ? [] : healthCheck(probed, document, alone)),
    ...(encrypted === undefined ? [] : tls(encrypted, document)),
  ];
  if (alone) settings.push({ path: ['defaults', 'timeout'], value: '30s', source: 'the default of SLUICE_TIMEOUT_SECONDS' });
  for (const [name, path] of Object.entries(ONE)) {
    const text = given(name);
    if (text === undefined || (path[0] === 'health_check' && probed === false)) continue;
    if (encrypted === false && TLS_KEYS.includes(String(path[1]))) continue;
    const seconds = name.endsWith('_SECONDS');
    if (seconds && !/^\d+$/.test(text)) {
      refuse(name, `not a number of seconds: ${JSON.stringify(text)}`);
      continue;
    }
    try {
      settings.push({ path, value: seconds ? `${text}s` : readValue(text, path, schema), source: variable(name) });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refuse(name, error.problems[0]?.message ?? error.message);
    }
    // The second name of the same address: it would contradict.
    if (path[0] === 'admin' && valueAt(document, ['metrics', 'metrics_addr']) !== undefined)
      settings.push({ path: ['metrics', 'metrics_addr'], value: text, source: variable(name) });
  }
  return { settings, targets: targets(given, alone), problems };
}

function targets(given: (name: string) => string | undefined, alone: boolean): ProxyTarget[] {
  const named = BACKENDS.flatMap((name) =>
    (given(name) ?? '').split(',').map((address) => ({ address: address.trim(), source: variable(name) })),
  ).filter(({ address }) => address !== '');
  // The first one is often in the list of all too.
  const distinct = named.filter(({ address }, at) => named.findIndex((other) => other.address === address) === at);
  if (distinct.length > 0 || !alone) return distinct;
  return [{ address: '127.0.0.1:3000', source: 'the default of SLUICE_BACKEND_ADDR' }];
}

/** On: the block is there, with the path and interval of the table when there is no file. Off: no backend has one. */
function healthCheck(probed: boolean, document: unknown, alone: boolean): Setting[] {
  const source = variable('SLUICE_ENABLE_HEALTH_CHECK');
  const there = valueAt(document, ['health_check']);
  if (probed) {
    const value = alone ? { path: '/health', interval: '30s' } : {};
    return there === undefined ? [{ path: ['health_check'], value, source }] : [];
  }
  const parent: Path = ['load_balancing', 'backends'];
  const backends = valueAt(document, parent);
  const checked = Object.keys(isBlock(backends) ? backends : {}).filter(
    (name) => valueAt(backends, [name, 'health_check']) !== undefined,
  );
  const paths: Path[] = [['health_check'], ...checked.map((name) => [...parent, name, 'health_check'])];
  return paths.map((path) => ({ path, value: undefined, source }));
}

/** On: there is an address for it; certificates are for others to name. Off: there is none, and nothing that acts on it. */
function tls(encrypted: boolean, document: unknown): Setting[] {
  const source = variable('SLUICE_ENABLE_TLS');
  const path: Path = ['server', 'https_addr'];
  if (encrypted) return valueAt(document, path) === undefined ? [{ path, value: DEFAULT_HTTPS_ADDR, source }] : [];
  const there = TLS_KEYS.filter((key) => valueAt(document, ['server', key]) !== undefined);
  return there.map((key) => ({ path: ['server', key], value: undefined, source }));
}

/** One backend and one route for every path. */
export function proxySettings(targets: readonly ProxyTarget[]): Setting[] {
  const [first] = targets;
  if (first === undefined) return [];
  const backend: Path = ['load_balancing', 'backends', 'default'];
  return [
    { path: ['routes'], value: [{ id: 'default', path: '/**', backend: 'default' }], source: first.source },
    { path: backend, value: { upstreams: [] }, source: first.source },
    ...targets.map(({ address, source }, at) => ({ path: [...backend, 'upstreams', at], value: { address }, source })),
  ];
}

/** Beside backends and routes of a file the targets have no meaning: which of them would be meant? */
export function proxyProblems([first]: readonly ProxyTarget[], document: unknown): Problem[] {
  const own = [valueAt(document, ['load_balancing', 'backends']), valueAt(document, ['routes'])];
  if (first === undefined || own.every((value) => Object.keys(value ?? {}).length === 0)) return [];
  const message = 'the configuration has backends or routes of its own';
  return [{ path: '', source: first.source, message, expected: 'SLUICE_LOAD_BALANCING__BACKENDS__NAME__UPSTREAMS__0__ADDRESS' }];
}
