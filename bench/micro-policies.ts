/**
 * What the policies of a route cost a request, in ns: `node bench/micro-policies.ts`. Each line is an exchange through the
 * layers of a route that has this one policy; "no policy" is what the exchange itself costs. `variants.ts` measures the whole.
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench, do_not_optimize, group, run } from 'mitata';
import { checkConfig } from '../src/config/check.ts';
import { Exchange } from '../src/http/exchange.ts';
import { Headers } from '../src/http/headers.ts';
import type { Handler } from '../src/http/layer.ts';
import { Reply } from '../src/http/reply.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Wheel } from '../src/lib/wheel.ts';
import { embedded } from '../src/shared/embedded.ts';
import { openLayerParts } from '../src/snapshot/layer-parts.ts';
import { RouteLayers } from '../src/snapshot/route-layers.ts';
import { BARE, build } from '../src/snapshot/stack.ts';
import { createLogger } from '../src/telemetry/log.ts';
import { Metrics } from '../src/telemetry/metrics.ts';
import { makeCredentials } from './credentials.ts';
import { CORS, definitions, LIMIT } from './policy-variants.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-micro-'));
const credentials = makeCredentials(directory);
const wheel = new Wheel(systemClock);
const logger = createLogger({ level: 'silent', format: 'json' });
const peer = { address: '203.0.113.7', port: 4711, trusted: false };
const reply = () => new Reply(200, Headers.from([['Content-Type', 'application/json']]), 'hello');

/** The layers of a route with these policies, around an upstream that answers at once. */
function handlerOf(route: object, middleware: object = definitions(credentials)): Handler {
  const backends = { origin: { upstreams: [{ address: '127.0.0.1:1' }] } };
  const one = { id: 'all', path: '/**', backend: 'origin', ...route };
  const config = checkConfig({ ...middleware, load_balancing: { backends }, routes: [one] });
  const metrics = new Metrics();
  const parts = openLayerParts({ wheel, logger, metrics, shared: embedded(systemClock) });
  const [first] = config.routes;
  if (first === undefined) throw new Error('no route');
  // Those that every route has are not asked about here.
  const { timeout: _, forwarding: __, upgrade: ___, ...layers } = new RouteLayers(config, parts, new Map()).of(first);
  return build({ ...BARE, ...layers }, reply);
}

function asking(fields: readonly string[]): Exchange {
  const list = fields.map((field) => field.split(': ', 2) as [string, string]);
  const exchange = new Exchange('GET', 'http', 'www.example.com', '/api/users/4711', Headers.from(list), peer, 1, undefined, 0);
  exchange.requestId = '01JD6Z8Q4N7K2M5P9R3T6V';
  exchange.routeId = 'all';
  return exchange;
}

function policy(name: string, handler: Handler, ...fields: string[]): void {
  bench(name, () => {
    const exchange = asking(fields);
    const answer = handler(exchange) as Reply;
    exchange.decorate(answer);
    exchange.end({ status: 200, error: undefined });
    do_not_optimize(answer);
  });
}

group('a request with one policy', () => {
  policy('no policy', handlerOf({}));
  policy('rate limit, token bucket', handlerOf({ rate_limits: [{ ...LIMIT, headers: [] }] }));
  policy('rate limit, told to clients', handlerOf({ rate_limits: [LIMIT] }));
  const window = { ...LIMIT, algorithm: 'sliding_window', requests_per_second: undefined, burst: undefined };
  policy('rate limit, sliding window', handlerOf({ rate_limits: [{ ...window, limit: 100_000_000, window: '1m' }] }));
  policy('concurrency', handlerOf({ concurrency: { limit: 100 } }));
  policy('API key', handlerOf({ authentication: { methods: ['api_key'] } }), credentials.apiKey);
  policy('CORS, no Origin', handlerOf({ cors: CORS }));
  policy('CORS, an origin', handlerOf({ cors: CORS }), 'Origin: https://app.example.com');
  policy('IP list', handlerOf({ ip_deny: ['192.0.2.0/24', '2001:db8::/32'] }));
  policy('security headers', handlerOf({ middleware: ['security_headers'] }));
  policy(
    'transform, one field each way',
    handlerOf({ transform: { request_headers: { set: { 'X-A': '{client_ip}' } }, response_headers: { set: { 'X-B': 'b' } } } }),
  );
  policy('compression, too small', handlerOf({ compression: {} }), 'Accept-Encoding: gzip, br, zstd');
});

/** A token of its own each time, as many as one run may want. */
function coldTokens(algorithm: string, key: KeyObject, hash: string | null, count: number): string[] {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  return Array.from({ length: count }, (_, jti) => {
    const signed = `${part({ alg: algorithm, typ: 'JWT' })}.${part({ sub: 'alice', jti, exp })}`;
    const signature = sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    return `Authorization: Bearer ${signed}.${signature}`;
  });
}

const PAIRS = {
  RS256: { pair: generateKeyPairSync('rsa', { modulusLength: 2048 }), hash: 'sha256' },
  ES256: { pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }), hash: 'sha256' },
  EdDSA: { pair: generateKeyPairSync('ed25519'), hash: null },
} as const;

/** Enough for what mitata asks for; then they begin again and are known. */
const COLD = 20_000;

for (const [algorithm, { pair, hash }] of Object.entries(PAIRS)) {
  group(`JWT, ${algorithm}`, () => {
    const pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const jwt = { public_key: pem, algorithms: [algorithm] };
    const middleware = { middleware: { authentication: { auth_type: 'jwt', jwt } } };
    const tokens = coldTokens(algorithm, pair.privateKey, hash, COLD);
    const cold = handlerOf({ authentication: {} }, middleware);
    let at = 0;
    bench('a token seen for the first time', async () => {
      const answer = await cold(asking([tokens[at++ % COLD] as string]));
      if (answer.status !== 200) throw new Error(`refused: ${answer.status}`);
    });
    const warm = handlerOf({ authentication: {} }, middleware);
    bench('a token that is known', async () => do_not_optimize(await warm(asking([tokens[0] as string]))));
  });
}

try {
  await run();
} finally {
  rmSync(directory, { recursive: true });
}
