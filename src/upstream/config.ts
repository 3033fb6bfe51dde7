import { z } from 'zod';
import { KEYS, parseKeys } from '../http/exchange-key.ts';
import { choice, duration, endpoint, field, flag, integer, quote, ratio, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { suggest } from '../lib/suggest.ts';
import { circuitSchema } from './circuits/config.ts';
import { type finishChecks, healthChecks } from './health/config.ts';

export const ALGORITHMS = [
  ...(['round_robin', 'weighted_round_robin', 'least_connections', 'ip_hash', 'random'] as const),
  ...(['least_response_time', 'power_of_two', 'consistent_hash'] as const),
] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** How an upstream is picked for each attempt: one of {@link ALGORITHMS}, or `module:` and a file. */
export const algorithmSchema = field(z.string(), (text): Algorithm | `module:${string}` | Wrong => {
  if (text === 'least_loaded') return 'least_connections';
  if (text.startsWith('module:') && text.length > 7) return text as `module:${string}`;
  const known = ALGORITHMS.find((name) => name === text);
  const names = [...ALGORITHMS, 'least_loaded'];
  return (
    known ?? new Wrong(`there is no balancer ${quote(text)}`, `one of ${names.join(', ')}, or module:FILE`, suggest(text, names))
  );
});

// The socket option counts in whole seconds: 1500ms would silently become 1s.
const wholeSeconds = () =>
  field(duration(1000), (ms) => (ms % 1000 === 0 ? ms : new Wrong(`${ms}ms is not a whole number of seconds`)));

/** Node.js before 26.4 takes the first two arguments of `socket.setKeepAlive` and ignores the others. */
const [MAJOR = 0, MINOR = 0] = process.versions.node.split('.').map(Number);
const SETS_PROBES = MAJOR > 26 || (MAJOR === 26 && MINOR >= 4);
const probes = <T extends z.ZodType>(schema: T) =>
  field(schema, (value) => (SETS_PROBES ? value : new Wrong('needs Node.js 26.4 or newer', 'idle alone')));

const tcpKeepalive = z.strictObject({
  enabled: flag().prefault(true).describe('Whether idle connections are probed.'),
  idle: wholeSeconds().prefault('60s').describe('Idle time before the first probe.'),
  interval: probes(wholeSeconds()).optional().describe('Between two probes. Default: what Node.js sets (1s).'),
  count: probes(integer(1, 127)).optional().describe('Unanswered probes that end a connection. Default: what Node.js sets (10).'),
});

const serverName = field(z.string(), (text) =>
  /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(text) && !/^[\d.]+$/.test(text) ? text.toLowerCase() : new Wrong('must be a host name'),
);

export const zone = field(z.string(), (text) =>
  /^[\w.-]{0,64}$/.test(text) ? text : new Wrong(`not the name of a zone: ${quote(text)}`),
);

const upstreamSchema = z
  .strictObject({
    address: endpoint().describe('host:port, or an http or https URL of only those.'),
    tls: flag().optional().describe('Whether to speak TLS. Default: what the URL says, else false.'),
    sni_hostname: serverName.optional().describe("The name to ask for and to verify with TLS. Default: the address's host."),
    max_connections: integer(0).prefault(0).describe('Connections at a time, per process. 0: no limit.'),
    connection_timeout: duration().prefault('5s').describe('Until the connection stands, TLS included.'),
    read_timeout: duration().prefault('30s').describe('Between two reads of a reply, the first one too.'),
    write_timeout: duration().prefault('30s').describe('Between two writes of a request that the upstream takes.'),
    tcp_keepalive: tcpKeepalive.optional().describe('TCP keep-alive probes. Default: none are sent.'),
    weight: integer(1, 10_000).prefault(1).describe('Share of requests, beside the weights of the others.'),
    backup: flag().prefault(false).describe('Whether it is used only when no other is ready.'),
    zone: zone.prefault('').describe('Where it stands: upstreams in the zone of the gateway (server.zone) come first.'),
  })
  .transform(({ address: { host, port, tls: spoken }, tls, ...rest }, context) => {
    if (tls !== undefined && spoken !== undefined && tls !== spoken) {
      context.addIssue({ code: 'custom', path: ['tls'], message: `the address is an ${spoken ? 'https' : 'http'} URL` });
    }
    return { address: { host, port }, tls: tls ?? spoken ?? false, ...rest };
  });

const pool = z.strictObject({
  max_idle: integer(0, 65_536).prefault(64).describe('Idle connections kept, per upstream and process.'),
  idle_timeout: duration().prefault('30s').describe('How long an idle connection is kept.'),
  queue: integer(0, 1_000_000).prefault(1024).describe('Requests that may wait when max_connections is reached.'),
  queue_timeout: duration().prefault('1s').describe('How long one of them waits before it is answered 503.'),
});

// The contents take the place of the file names when the whole document is checked: see config/tls-files.ts.
const tls = z.strictObject({
  ca: z.string().optional().describe('File of the certificates that may sign an upstream’s. Default: the ones Node.js knows.'),
  cert: z.string().optional().describe('File of the certificate to show to upstreams.'),
  key: z.string().optional().describe('File of its private key.'),
  verify: flag().prefault(true).describe('Whether an upstream must show a valid certificate for its name.'),
});

const outlierDetection = z.strictObject({
  consecutive_failures: integer(1).prefault(5).describe('Failures in a row (5xx, connection, reset, timeout) that eject.'),
  interval: duration().prefault('10s').describe('How often a past ejection is forgiven by one.'),
  base_ejection: duration().prefault('30s').describe('How long, times the ejections that are not forgiven yet.'),
  max_ejected: ratio().prefault(0.5).describe('Share of the upstreams that may be ejected at a time.'),
});

const retryBudget = z.strictObject({
  ratio: ratio().prefault(0.2).describe('Retries and hedges, as a share of the requests of the last ten seconds.'),
  min_per_second: integer(0).prefault(3).describe('Retries a second that are allowed however few requests there are.'),
});

const keys = field(
  z.union([z.string(), z.array(z.string())], { error: `must be a key or a list of keys: ${KEYS}` }),
  (written) => {
    const keys = parseKeys(written);
    return typeof keys === 'string' ? new Wrong(keys, KEYS) : keys;
  },
);

export const backendSchema = z.strictObject({
  algorithm: algorithmSchema.optional().describe('How an upstream is picked. Default: load_balancing.algorithm.'),
  hash_on: keys
    .prefault('ip')
    .describe('What consistent_hash keeps together: one key, or a list of which the first present counts.'),
  upstreams: z.array(upstreamSchema).min(1).describe('The addresses of the service.'),
  health_check: healthChecks
    .optional()
    .describe('How upstreams are probed: one check or a list. Default: the block health_check, if there is one.'),
  outlier_detection: outlierDetection.optional().describe('Passes over upstreams whose replies fail. Default: off.'),
  circuit_breaker: circuitSchema.optional().describe('Leaves upstreams alone that fail, each for itself. Default: off.'),
  slow_start: duration(0).prefault('0s').describe('How long an upstream that has become ready takes to its full share.'),
  panic_threshold: ratio().prefault(0).describe('Below this share of ready upstreams all are used. 0: never.'),
  retry_budget: retryBudget.prefault({}).describe('Bounds retries and hedges of all routes together.'),
  pool: pool.prefault({}).describe('Connections to each upstream.'),
  transport: choice(['wire', 'undici']).prefault('wire').describe('The HTTP client: our own, or undici.'),
  tls: tls.prefault({}).describe('TLS towards the upstreams that speak it.'),
});

/** One address of a backend. Times are milliseconds. */
export type UpstreamConfig = Frozen<z.output<typeof upstreamSchema>>;

/** TLS towards upstreams. `ca`, `cert` and `key` are PEM text here: the check has read the files. */
export type UpstreamTlsConfig = Frozen<z.output<typeof tls>>;

export type OutlierConfig = Frozen<z.output<typeof outlierDetection>>;
export type RetryBudgetConfig = Frozen<z.output<typeof retryBudget>>;

type Written = z.output<typeof backendSchema>;

/** A named service. Times are milliseconds. */
export type BackendConfig = Frozen<
  Omit<Written, 'health_check' | 'algorithm'> & {
    algorithm: NonNullable<Written['algorithm']>;
    /** With their defaults filled in; none: nothing is probed, and upstreams count as ready. */
    health_checks: ReturnType<typeof finishChecks>;
  }
>;
