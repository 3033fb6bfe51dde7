import type { RedisPlace } from './config.ts';

/** What the reply of INFO says that matters here. */
export interface ServerInfo {
  /** Why this server cannot be used, in words for operators; empty: it can. */
  readonly problem: string;
  /** Whether it throws keys away when its memory is full: nothing that is counted in it has a bound then. */
  readonly evicts: boolean;
}

/** Scripts that begin with `#!lua` came with it. */
const OLDEST = 7;

/** @param text reply of INFO, of Redis or of what speaks as it does (Valkey says which Redis it is like) */
export function readServerInfo(text: unknown, kind: RedisPlace['kind']): ServerInfo {
  const fields = new Map<string, string>();
  for (const line of typeof text === 'string' ? text.split('\r\n') : []) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  const policy = fields.get('maxmemory_policy') ?? 'noeviction';
  return { problem: problemOf(fields, kind), evicts: policy !== 'noeviction' && fields.get('maxmemory') !== '0' };
}

function problemOf(fields: ReadonlyMap<string, string>, kind: RedisPlace['kind']): string {
  const version = fields.get('redis_version');
  if (version === undefined) return 'its answer to INFO is not that of a Redis';
  if (!(Number.parseInt(version, 10) >= OLDEST)) return `its version ${version.slice(0, 20)} is too old: 7.0 or newer is needed`;
  const mode = fields.get('redis_mode');
  if (mode === 'sentinel') return 'it is a Sentinel: its place is redis.sentinel.nodes';
  if (mode === 'cluster' && kind !== 'cluster') return 'it is a node of a cluster: its place is redis.cluster.nodes';
  if (kind === 'sentinel' && fields.get('role') === 'slave') return 'READONLY the sentinels name a replica';
  return fields.get('loading') === '1' ? 'LOADING it is reading its data' : '';
}
