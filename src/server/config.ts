import { z } from 'zod';
import { ERRORS } from '../http/errors.ts';
import { address, choice, cidr, duration, field, integer, quote, size, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { zone } from '../upstream/config.ts';

export const DEFAULT_HTTP_ADDR = '127.0.0.1:8080';

const listenAddr = z
  .union([address(), z.array(address()).min(1)], { error: 'must be host:port, or a list of these' })
  .transform((given) => (Array.isArray(given) ? given : [given]));

/** The check puts the files' texts in: see {@link ServedCertificate}. */
const certificate = z.strictObject({
  cert: z.string().describe('PEM file with the certificate, then those that lead to its authority.'),
  key: z.string().describe('PEM file with its private key, not encrypted.'),
});

const minVersion = field(z.union([z.string(), z.number()], { error: 'must be "1.2" or "1.3"' }), (written) => {
  const text = String(written);
  return text === '1.2' || text === '1.3'
    ? text
    : new Wrong(`not a version of TLS that is spoken: ${quote(written)}`, '"1.2" or "1.3"');
});

const clientAuth = z.strictObject({
  mode: choice(['none', 'request', 'require'])
    .prefault('none')
    .describe(
      'Certificates of clients: "none" are asked for, "request" takes those that prove right, "require" serves nobody else.',
    ),
  ca: z.string().optional().describe('PEM file with the authorities that sign certificates of clients.'),
});

const tls = z.strictObject({
  certificates: z
    .array(certificate)
    .prefault([])
    .describe('Chosen by the name that a client asks for. The first one is for all other names.'),
  min_version: minVersion.prefault('1.2').describe('The oldest version of TLS that is spoken: "1.2" or "1.3".'),
  client_auth: clientAuth.prefault({}).describe('Whether clients show certificates.'),
  handshake_timeout: duration()
    .prefault('10s')
    .describe('From the accepted connection, or its PROXY header, to the end of the handshake.'),
});

const timeouts = z.strictObject({
  header: duration()
    .optional()
    .describe('From the first byte of a request, or the accepted connection, to the end of its head. Default 30s.'),
  body: duration().prefault('60s').describe('Between two reads of a request body.'),
  keep_alive: duration().prefault('75s').describe('How long a client connection may stay idle between two requests.'),
  drain_lead: duration(0).prefault('0s').describe('How long /ready fails before a drain stops accepting.'),
  drain: duration(0).prefault('30s').describe('How long a drain waits for what goes on before it closes.'),
});

// The upper bounds are far above any use: they keep a slip of the unit from promising memory to every connection.
const limits = z.strictObject({
  header_bytes: size(1024, 1024 ** 2)
    .prefault('16KB')
    .describe('The fields of a request head together.'),
  header_count: integer(1, 10_000).prefault(100).describe('Fields in a request head.'),
  uri_bytes: size(64, 1024 ** 2)
    .prefault('8KB')
    .describe('The target of a request.'),
  body_bytes: size().prefault(0).describe('The body of a request, unless its route says otherwise. 0: no limit.'),
});

const proxyProtocol = z.strictObject({
  from: z.array(cidr()).min(1).describe('Who begins each connection with a PROXY header, version 1 or 2. Nobody else may.'),
  timeout: duration().prefault('2s').describe('From the accepted connection to the end of that header.'),
});

const workers = field(z.union([z.number(), z.string()], { error: 'must be a number of threads' }), (written) => {
  if (String(written) === '1') return 1;
  const isLater = written === 'auto' || /^[1-9][0-9]*$/.test(String(written));
  return new Wrong(isLater ? `${quote(written)} is not in this version` : `not a number of threads: ${quote(written)}`, '1');
});

const STATUSES = new Set(Object.values(ERRORS).map(({ status }) => String(status)));

const errorStatus = field(z.string(), (text) =>
  STATUSES.has(text) ? text : new Wrong(`the gateway makes no error of status ${quote(text)}`, [...STATUSES].sort().join(', ')),
);

/** A reply's body that stands in the place of problem details. The check puts the file's text in. */
const errorBody = field(z.string(), (file) => ({ type: typeOf(file), text: '' }));

function typeOf(file: string): string {
  if (/\.html?$/i.test(file)) return 'text/html; charset=utf-8';
  return /\.json$/i.test(file) ? 'application/json' : 'text/plain; charset=utf-8';
}

export const serverSchema = z
  .strictObject({
    http_addr: listenAddr
      .prefault(DEFAULT_HTTP_ADDR)
      .describe('One address or a list to accept HTTP/1.1 on. Port 0 picks a free one.'),
    https_addr: listenAddr.optional().describe('The same for HTTP/1.1 over TLS. Default: none.'),
    tls_cert: z.string().optional().describe('PEM file with the certificate for https_addr. More of them: tls.certificates.'),
    tls_key: z.string().optional().describe('PEM file with the private key of tls_cert.'),
    tls: tls.prefault({}).describe('Of https_addr. The files are watched.'),
    connection_timeout: duration().optional().describe("Photon's name for timeouts.header, which wins when both are given."),
    timeouts: timeouts.prefault({}).describe('Of client connections.'),
    limits: limits.prefault({}).describe('Of one request.'),
    max_connections: integer(1).prefault(10_000).describe('Client connections at a time, per process.'),
    zone: zone.prefault('').describe('Where the gateway stands: upstreams of the same zone come first.'),
    workers: workers.prefault(1).describe('Threads that serve.'),
    proxy_protocol: proxyProtocol.optional().describe('How balancers tell who opened a connection.'),
    normalize_path: choice(['safe', 'off'])
      .prefault('safe')
      .describe('Paths in another than their one spelling: "safe" brings them into it, "off" refuses them.'),
    error_bodies: z
      .record(errorStatus, errorBody)
      .prefault({})
      .describe('Files by status, such as "503": what stands in the place of problem details.'),
    trusted_proxies: z.array(cidr()).prefault([]).describe('Whose X-Forwarded-*, Forwarded and X-Request-ID are believed.'),
  })
  .transform(({ connection_timeout, timeouts: { header, ...timeouts }, https_addr, tls_cert, tls_key, tls, ...rest }) => ({
    ...rest,
    https_addr: https_addr ?? [],
    tls: { ...tls, certificates: allCertificates(tls_cert, tls_key, tls.certificates) },
    timeouts: { header: header ?? connection_timeout ?? 30_000, ...timeouts },
  }));

/** A certificate that clients are shown. */
export interface ServedCertificate {
  /** The certificate's file, as it was written. */
  readonly name: string;
  /** PEM text. */
  readonly cert: string;
  /** PEM text. */
  readonly key: string;
}

/** The single certificate comes first. One half of it alone is the check's to refuse. */
function allCertificates(cert: string | undefined, key: string | undefined, more: readonly Omit<ServedCertificate, 'name'>[]) {
  const single = cert === undefined || key === undefined ? [] : [{ cert, key }];
  return [...single, ...more].map((one): ServedCertificate => ({ name: one.cert, ...one }));
}

/** What listens to clients. Times are milliseconds, sizes bytes. */
export type ServerConfig = Frozen<z.output<typeof serverSchema>>;
