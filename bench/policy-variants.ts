import type { Credentials } from './credentials.ts';
import { backends, type Config, plain, type Variant } from './variant-configs.ts';

/** How a variant is asked, where a plain request will not do. */
export interface Asking {
  readonly fields?: readonly string[];
  readonly secure?: boolean;
}

export const LIMIT = { name: 'per_ip', key: 'ip', requests_per_second: 1_000_000, burst: 2_000_000 };
export const CORS = { allowed_origins: ['https://app.example.com'], allowed_methods: ['GET'], credentials: true };
const TRANSFORM = {
  request_headers: { set: { 'X-Req': '{request_id}' } },
  response_headers: { set: { 'X-Served-By': 'sluice' } },
};

/** Definitions that the routes of policies use. */
export function definitions({ publicKey, apiKeyHash }: Credentials): Config {
  const jwt = { algorithms: ['RS256'], public_key: publicKey };
  return {
    middleware: { authentication: { auth_type: ['jwt', 'api_key'], jwt, api_key: { header: 'X-API-Key' } } },
    consumers: [{ name: 'alice', api_keys: [apiKeyHash] }],
  };
}

function policy(route: Config): Variant {
  return (port, credentials) => ({ ...definitions(credentials), ...backends(port), routes: [{ ...plain, ...route }] });
}

/** A limit that a fleet shares. */
function shared(limit: Config): Variant {
  return (port, credentials) => ({
    ...policy({ rate_limits: [limit] })(port, credentials),
    redis: { url: `redis://127.0.0.1:${credentials.redis}` },
    fleet: { name: `bench-${String(limit['name'])}` },
  });
}

/** Those that share what they count. */
export const NEEDS_REDIS: readonly string[] = ['rate_limit_lease', 'rate_limit_exact'];

const tls: Variant = (port, { certificate, key }) => ({
  ...backends(port),
  server: { tls_cert: certificate, tls_key: key },
  routes: [plain],
});

/** What policies cost. */
export const POLICIES: Readonly<Record<string, Variant>> = {
  // What `everything` is asked with, and no policy: a long token has to be read and passed on by whoever proxies.
  plain_fields: policy({}),
  rate_limit: policy({ rate_limits: [LIMIT] }),
  rate_limit_lease: shared({ ...LIMIT, name: 'lease' }),
  rate_limit_exact: shared({ ...LIMIT, name: 'exact', mode: 'exact' }),
  fixed_window: policy({ rate_limits: [{ name: 'fixed', algorithm: 'fixed_window', limit: 100_000_000, window: '1m' }] }),
  concurrency: policy({ concurrency: { limit: 10_000 } }),
  circuit_breaker: (port) => ({ ...backends(port, { circuit_breaker: {} }), routes: [plain] }),
  jwt: policy({ authentication: { methods: ['jwt'] } }),
  api_key: policy({ authentication: { methods: ['api_key'] } }),
  cors: policy({ cors: CORS }),
  transform: policy({ transform: TRANSFORM }),
  security_headers: policy({ middleware: ['security_headers'] }),
  compression_unused: policy({ compression: {} }),
  everything: (port, credentials) => ({
    ...definitions(credentials),
    ...backends(port, { circuit_breaker: {}, outlier_detection: {} }),
    routes: [
      {
        ...plain,
        middleware: ['security_headers', 'compression'],
        authentication: { methods: ['jwt'] },
        identity_headers: { 'X-User': '{jwt:sub}' },
        rate_limits: [LIMIT, { ...LIMIT, name: 'per_user', key: 'jwt:sub' }],
        concurrency: { limit: 10_000 },
        ip_deny: ['192.0.2.0/24'],
        cors: CORS,
        transform: TRANSFORM,
        retries: 2,
      },
    ],
  }),
  tls,
  tls_handshake: tls,
};

const CLOSING = ['Connection: close'];

/** What a variant is asked with; those that are not here with a plain request. */
export function askingOf(name: string, { token, apiKey }: Credentials): Asking {
  const browser = [token, 'Origin: https://app.example.com', 'Accept-Encoding: gzip, br, zstd'];
  const askings: Readonly<Record<string, Asking>> = {
    jwt: { fields: [token] },
    api_key: { fields: [apiKey] },
    cors: { fields: ['Origin: https://app.example.com'] },
    compression_unused: { fields: ['Accept-Encoding: gzip, br, zstd'] },
    plain_fields: { fields: browser },
    everything: { fields: browser },
    tls: { secure: true },
    tls_handshake: { secure: true, fields: CLOSING },
    nginx_tls: { secure: true },
    nginx_tls_handshake: { secure: true, fields: CLOSING },
  };
  return askings[name] ?? {};
}
