import type { ConnectionOptions } from 'node:tls';
import { type Address, formatAddress } from '../lib/address.ts';
import type { RedisConfig } from './config.ts';
import { Reasons } from './failure.ts';
import { Link, type LinkEvents } from './link.ts';

/** How long a TCP connection or its TLS may take, in ms. */
const CONNECT_TIMEOUT = 1000;

/** Makes connections, each for one life. */
export interface Dialer {
  readonly reasons: Reasons;
  /** How long a connection may take until it is ready, in ms. */
  readonly patience: number;
  /** Where Redis is, for operators: without names and passwords. */
  readonly place: string;
  /** For commands. Those of a turn of the event loop travel together. */
  command(events: LinkEvents): Link;
  /** For channels: of a cluster, each time another of its nodes, since all of them hear what any of them is told. */
  subscriber(events: LinkEvents): Link;
}

/** Loads the client: an instance without Redis does without it (41 ms, 28 MB). */
export async function openDialer(config: RedisConfig): Promise<Dialer> {
  const { Cluster, Redis } = await import('ioredis');
  const { place } = config;
  const reasons = new Reasons([config.password, place.kind === 'sentinel' ? place.password : '']);
  let turn = 0;
  return {
    reasons,
    patience: place.kind === 'standalone' ? CONNECT_TIMEOUT * 1.1 : CONNECT_TIMEOUT * 3,
    place: placeText(config),
    command(events) {
      return place.kind === 'cluster'
        ? new Link(new Cluster(startNodes(place.nodes), clusterOptions(config)), true, reasons, events)
        : new Link(new Redis({ ...redisOptions(config), enableAutoPipelining: true }), false, reasons, events);
    },
    subscriber(events) {
      const node = place.kind === 'cluster' ? place.nodes[turn++ % place.nodes.length] : undefined;
      return new Link(new Redis({ ...redisOptions(config), ...node }), false, reasons, events);
    },
  };
}

function placeText({ place }: RedisConfig): string {
  if (place.kind === 'standalone') return formatAddress(place);
  const nodes = place.nodes.map(formatAddress).join(',');
  return place.kind === 'sentinel' ? `${place.name} of sentinels ${nodes}` : `cluster ${nodes}`;
}

function startNodes(nodes: readonly Address[]): Address[] {
  return nodes.map(({ host, port }) => ({ host, port }));
}

/**
 * What all connections have in common. ioredis' own timer for each command is not among them: store and looks measure for
 * themselves (deadlines.ts), and replace a connection that has stuck.
 */
function commonOptions({ username, password }: RedisConfig) {
  return {
    // RESP3 brings nothing here: it costs a little more, and its HELLO shows the password to servers that do not know it.
    protocol: 2 as const,
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    connectTimeout: CONNECT_TIMEOUT,
    // Connections have one life: what was in flight is never sent again, and whoever had it knows.
    retryStrategy: () => null,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    // The look at a new connection reads INFO itself, and can tell that it is loading.
    enableReadyCheck: false,
    disableClientInfo: true,
  };
}

function redisOptions(config: RedisConfig) {
  const { place } = config;
  const common = { ...commonOptions(config), enableOfflineQueue: false };
  if (place.kind === 'cluster') return { ...common, ...tlsOptions(config) };
  if (place.kind === 'standalone')
    return { ...common, host: place.host, port: place.port, db: place.db, ...tlsOptions(config, place.host) };
  const { tls } = tlsOptions(config);
  return {
    ...common,
    name: place.name,
    sentinels: startNodes(place.nodes),
    ...(place.username !== '' && { sentinelUsername: place.username }),
    ...(place.password !== '' && { sentinelPassword: place.password }),
    sentinelRetryStrategy: () => null,
    sentinelCommandTimeout: CONNECT_TIMEOUT,
    // Else it stays with a master that is none any more.
    failoverDetector: true,
    ...(tls !== undefined && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

function clusterOptions(config: RedisConfig) {
  return {
    redisOptions: { ...commonOptions(config), ...tlsOptions(config) },
    clusterRetryStrategy: () => null,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRedirections: 3,
    // 0: "Connection is closed" and CLUSTERDOWN are not answered by sending the command again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    retryDelayOnTryAgain: 10,
    slotsRefreshTimeout: CONNECT_TIMEOUT,
    slotsRefreshInterval: 2000,
    // Certificates are for the names that nodes announce.
    ...(config.secure && { dnsLookup: (host: string, done: (error: null, address: string) => void) => done(null, host) }),
  };
}

/** @param host whose name is asked for; an IP address is not */
function tlsOptions({ secure, tls }: RedisConfig, host?: string): { tls?: ConnectionOptions } {
  if (!secure) return {};
  const servername = host !== undefined && /[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {};
  return { tls: { ...tls, ...servername } };
}
