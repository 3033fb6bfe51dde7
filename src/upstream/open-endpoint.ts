import { formatAddress } from '../lib/address.ts';
import type { ChannelTools } from '../wire/channel-ports.ts';
import type { DialOptions } from '../wire/dial.ts';
import type { BackendConfig, UpstreamConfig, UpstreamTlsConfig } from './config.ts';
import { Endpoint } from './endpoint.ts';
import { guardedLookup } from './guarded-lookup.ts';
import type { UpstreamMetrics } from './metrics.ts';
import type { NameCache } from './name-cache.ts';
import type { Transport } from './transport.ts';
import { UndiciTransport } from './undici-transport.ts';
import { WireTransport } from './wire-transport.ts';

export interface EndpointTools extends ChannelTools {
  readonly names: NameCache;
  readonly upstreamMetrics: UpstreamMetrics;
  /** Whether an IP address and port is where no request may go. */
  readonly refused: (host: string, port: number) => boolean;
}

/** An endpoint with its connections, none of which is open yet. */
export function openEndpoint(backend: string, upstream: UpstreamConfig, config: BackendConfig, tools: EndpointTools): Endpoint {
  const { host, port } = upstream.address;
  const tls = tlsOf(upstream, config.tls);
  const address = formatAddress(upstream.address);
  const dialing: DialOptions = {
    host,
    port,
    connectTimeout: upstream.connection_timeout,
    readTimeout: upstream.read_timeout,
    writeTimeout: upstream.write_timeout,
    keepAlive: keepAliveOf(upstream),
    tls: upstream.tls ? tls : undefined,
    lookup: guardedLookup(tools.names.lookup, (found) => tools.refused(found, port)),
  };
  const limits = {
    maxConnections: upstream.max_connections,
    maxIdle: config.pool.max_idle,
    idleTimeout: config.pool.idle_timeout,
    queue: config.pool.queue,
    queueTimeout: config.pool.queue_timeout,
  };
  const defaultPort = upstream.tls ? 443 : 80;
  const authority = port === defaultPort ? address.slice(0, address.lastIndexOf(':')) : address;
  const transport: Transport =
    config.transport === 'wire'
      ? new WireTransport(authority, dialing, tools, limits)
      : new UndiciTransport(authority, dialing, limits);
  return new Endpoint({
    backend,
    address,
    transport,
    target: { host, port, secure: upstream.tls, tls },
    metrics: tools.upstreamMetrics.endpoint(backend, address),
    terms: upstream,
    clock: tools.wheel.clock,
  });
}

/** What of a configuration an endpoint's connections are made of: while it stays, they stay. */
export function connectionTerms(upstream: UpstreamConfig, config: BackendConfig): unknown {
  const { weight: _weight, backup: _backup, zone: _zone, ...rest } = upstream;
  return { ...rest, pool: config.pool, transport: config.transport, secure: upstream.tls ? config.tls : undefined };
}

function keepAliveOf({ tcp_keepalive: probes }: UpstreamConfig): DialOptions['keepAlive'] {
  if (probes === undefined || !probes.enabled) return undefined;
  const { idle, interval, count } = probes;
  return { idle, ...(interval === undefined ? {} : { interval }), ...(count === undefined ? {} : { count }) };
}

function tlsOf(upstream: UpstreamConfig, tls: UpstreamTlsConfig): NonNullable<DialOptions['tls']> {
  const { ca, cert, key, verify } = tls;
  const servername = upstream.sni_hostname ?? upstream.address.host;
  return {
    // An address is no name to ask for (RFC 6066 §3); the certificate is then checked against the address itself.
    ...(/^[\d.]+$|:/.test(servername) ? {} : { servername }),
    rejectUnauthorized: verify,
    ALPNProtocols: ['http/1.1'],
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
