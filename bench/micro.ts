/** What the small parts of a request cost, in ns: `node bench/micro.ts`. The whole is measured by `compare.ts`. */
import { bench, do_not_optimize, group, run, summary } from 'mitata';
import { clientAddress } from '../src/http/client-address.ts';
import { Exchange } from '../src/http/exchange.ts';
import { type Keys, keyReader, parseKeys } from '../src/http/exchange-key.ts';
import { Headers } from '../src/http/headers.ts';
import type { Layer } from '../src/http/layer.ts';
import { normalizePath } from '../src/http/normalize-path.ts';
import { Reply } from '../src/http/reply.ts';
import { RequestIds } from '../src/http/request-id.ts';
import { accessLog } from '../src/layers/access-log/layer.ts';
import { observe } from '../src/layers/observe/layer.ts';
import { requestMetrics } from '../src/layers/observe/metrics.ts';
import { systemClock } from '../src/lib/clock.ts';
import { Wheel } from '../src/lib/wheel.ts';
import { Router } from '../src/snapshot/router.ts';
import type { Routable } from '../src/snapshot/rule.ts';
import { logSchema } from '../src/telemetry/config.ts';
import { Metrics } from '../src/telemetry/metrics.ts';
import { LogOutput } from '../src/telemetry/output.ts';
import type { Candidate } from '../src/upstream/balancer.ts';
import { openBalancer } from '../src/upstream/balancers/open.ts';
import { ALGORITHMS } from '../src/upstream/config.ts';
import { ReplyHeadParser } from '../src/wire/reply-head.ts';
import { RequestHeadParser } from '../src/wire/request-head.ts';

const FIELDS = [
  'Host: www.example.com',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cookie: session=1f0c9be6d2f34a77b1de5b9a40c1c2a8; theme=dark; consent=1',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8',
  'Referer: https://www.example.com/articles/2026/11/21/index.html',
  'Cache-Control: max-age=0',
  'Upgrade-Insecure-Requests: 1',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: same-origin',
];
const LIMITS = { headerBytes: 16_384, headerCount: 100, uriBytes: 8_192 };

function requestHead(fields: number): Buffer {
  return Buffer.from(`GET /api/users/4711?page=2 HTTP/1.1\r\n${FIELDS.slice(0, fields).join('\r\n')}\r\n\r\n`);
}

function parsed(fields: number): Headers {
  const head = requestHead(fields);
  const parser = new RequestHeadParser(LIMITS);
  if (parser.parse(head, 0, head.length) < 0) throw new Error(`refused: ${parser.error?.message}`);
  return parser.headers;
}

group('request head', () => {
  for (const fields of [1, 5, 12]) {
    const head = requestHead(fields);
    const parser = new RequestHeadParser(LIMITS);
    bench(`${fields} fields, ${head.length} bytes`, () => do_not_optimize(parser.parse(head, 0, head.length)));
  }
});

group('reply head', () => {
  const head = Buffer.from(
    'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 06:00:00 GMT\r\n' +
      'Content-Type: application/json\r\nContent-Length: 132\r\nConnection: keep-alive\r\n\r\n',
  );
  const parser = new ReplyHeadParser(LIMITS);
  bench(`5 fields, ${head.length} bytes`, () => do_not_optimize(parser.parse(head, 0, head.length)));
});

group('Headers of 12 fields', () => {
  const headers = parsed(12);
  bench('get, a known name that is there', () => do_not_optimize(headers.get('cache-control')));
  bench('get, a known name that is not', () => do_not_optimize(headers.get('x-request-id')));
  bench('get, any other name', () => do_not_optimize(headers.get('sec-fetch-mode')));
  bench('lines, untouched', () => do_not_optimize(headers.lines()));
  summary(() => {
    // A set changes the fields for good, so these parse first: what they cost is the difference to the parsing alone.
    const head = requestHead(12);
    const parser = new RequestHeadParser(LIMITS);
    bench('parse', () => do_not_optimize(parser.parse(head, 0, head.length)));
    bench('parse, 5 sets', () => {
      parser.parse(head, 0, head.length);
      forward(parser.headers);
    });
    bench('parse, 5 sets, lines', () => {
      parser.parse(head, 0, head.length);
      forward(parser.headers);
      do_not_optimize(parser.headers.lines());
    });
  });
});

function forward(headers: Headers): void {
  headers.set('X-Forwarded-For', '127.0.0.1');
  headers.set('X-Forwarded-Host', 'www.example.com');
  headers.set('X-Forwarded-Proto', 'http');
  headers.set('X-Request-ID', '01JD6Z8Q4N7K2M5P9R3T6V');
  headers.set('Via', '1.1 sluice');
}

/** Three kinds of routes in turn, as a table of services has them. */
function routeTable(size: number): Router<Routable> {
  const kinds = [
    (at: number): Routable => ({ path: `/api/v1/service${at}/items` }),
    (at: number): Routable => ({ path: `/api/v1/service${at}/items/{id}`, path_params: { id: '^[0-9]+$' }, methods: ['GET'] }),
    (at: number): Routable => ({ path: `/api/v{version}/thing${at}/**` }),
  ];
  const router = new Router<Routable>();
  for (let at = 0; at < size; at++) router.add((kinds[at % 3] as (at: number) => Routable)(at));
  return router;
}

function asking(target: string): Exchange {
  const peer = { address: '127.0.0.1', port: 1, trusted: false };
  return new Exchange('GET', 'http', 'api.example.com', target, new Headers(), peer, 1, undefined, 0);
}

for (const size of [10, 1000, 10_000]) {
  group(`route match, ${size} routes`, () => {
    const router = routeTable(size);
    const last = size - 1 - ((size - 1) % 3);
    for (const [kind, exchange] of [
      ['fixed text', asking(`/api/v1/service${last}/items`)],
      ['a checked parameter', asking(`/api/v1/service${last - 2}/items/4711?page=2`)],
      ['a pattern and the rest', asking(`/api/v2/thing${last - 1}/a/b`)],
      ['no route', asking('/nobody/is/here')],
    ] as const) {
      bench(`${kind}: ${exchange.path}`, () => do_not_optimize(router.match(exchange)));
    }
  });
}

group('request id', () => {
  const ids = new RequestIds(systemClock);
  bench('next', () => do_not_optimize(ids.next()));
});

group('path', () => {
  // Cut from a head as the parser does it.
  const path = (text: string) => `GET ${text} HTTP/1.1`.slice(4, 4 + text.length);
  const [plain, query, encoded, dots] = [
    '/api/users/4711',
    '/api/users/4711?page=2&q=a%20b',
    '/api/%7Eann/x%20y',
    '/api/./a/../b',
  ].map(path);
  bench('normalize, in its one spelling', () => do_not_optimize(normalizePath(plain as string, 'safe')));
  bench('normalize, a triplet in the query', () => do_not_optimize(normalizePath(query as string, 'safe')));
  bench('normalize, triplets', () => do_not_optimize(normalizePath(encoded as string, 'safe')));
  bench('normalize, dots', () => do_not_optimize(normalizePath(dots as string, 'safe')));
});

group('client address', () => {
  const isTrusted = (address: string) => address.startsWith('10.');
  const plain = Headers.from([['X-Forwarded-For', '192.0.2.1, 10.0.0.2']]);
  const forwarded = Headers.from([['Forwarded', 'for=192.0.2.1;proto=https, for="10.0.0.2:4711"']]);
  bench('X-Forwarded-For, two hops', () => do_not_optimize(clientAddress(plain, '10.0.0.1', isTrusted)));
  bench('Forwarded, two hops', () => do_not_optimize(clientAddress(forwarded, '10.0.0.1', isTrusted)));
});

group('timer wheel', () => {
  const wheel = new Wheel(systemClock);
  // A wheel in use: with no entry left, each `remove` would stop the system's timer too.
  wheel.timeout(() => {}).set(3_600_000);
  const timeout = wheel.timeout(() => {});
  bench('arm and disarm', () => {
    timeout.set(30_000);
    timeout.clear();
  });
  bench('arm and remove', () => {
    timeout.set(30_000);
    timeout.remove();
  });
});

group('key of an exchange', () => {
  const peer = { address: '192.0.2.1', port: 4711, trusted: false };
  const target = '/api/users?page=2&q=a%20b&user=4711';
  const exchange = new Exchange('GET', 'http', 'example.test', target, parsed(12), peer, 1, undefined, 0);
  for (const written of ['ip', 'header:accept-language', 'cookie:theme', 'query:user', 'ip+cookie:theme']) {
    const read = keyReader(parseKeys(written) as Keys);
    bench(written, () => do_not_optimize(read(exchange)));
  }
});

/** Exchanges of different clients, and as many attempts in progress as endpoints: each pick begins one and ends the oldest. */
function attempts(algorithm: (typeof ALGORITHMS)[number], count: number): () => void {
  const endpoints = Array.from({ length: count }, (_, at) => ({
    address: `10.0.${at >> 8}.${at & 255}:8080`,
    weight: 1 + (at % 3),
    zone: '',
    active: 0,
    latency: 5 + (at % 7),
  }));
  const exchanges = Array.from({ length: 4096 }, (_, at) => {
    const peer = { address: `192.0.${at >> 8}.${at & 255}`, port: 4711, trusted: false };
    return new Exchange('GET', 'http', 'example.test', '/', new Headers(), peer, 1, undefined, 0);
  });
  const options = { random: Math.random, key: ({ clientAddress }: Exchange) => clientAddress, fault: () => {} };
  const balancer = openBalancer<(typeof endpoints)[number]>(algorithm, options);
  balancer.update(endpoints);
  const open = new Array<(typeof endpoints)[number]>(count);
  let turn = 0;
  const change = (endpoint: (typeof endpoints)[number] | undefined, by: number) => {
    if (endpoint === undefined) return;
    endpoint.active += by;
    balancer.changed?.(endpoint);
  };
  return () => {
    turn += 1;
    const picked = balancer.pick(exchanges[turn & 4095] as Exchange);
    change(picked, 1);
    change(open[turn % count], -1);
    open[turn % count] = picked as Candidate & { active: number };
  };
}

for (const count of [10, 1000]) {
  group(`pick, begin and end of an attempt, ${count} endpoints`, () => {
    for (const algorithm of ALGORITHMS) {
      const attempt = attempts(algorithm, count);
      bench(algorithm, attempt);
    }
  });
}

summary(() => {
  const headers = parsed(12);
  const peer = { address: '203.0.113.7', port: 4711, trusted: false };
  const reply = new Reply(200, undefined, 'hello');
  const ended = { status: 200, error: undefined };
  const exchange = (layer: Layer) => {
    const handler = layer(() => reply);
    return () => {
      const now = systemClock.now();
      const one = new Exchange('GET', 'http', 'www.example.com', '/api/users/4711?page=2', headers, peer, 1, undefined, now);
      one.requestId = '01JD6Z8Q4N7K2M5P9R3T6V';
      one.routeId = 'users';
      one.upstream = 'users/10.0.0.1:8080';
      do_not_optimize(handler(one));
      one.end(ended);
    };
  };
  const output = new LogOutput('/dev/null', systemClock);
  const logged = (access: object) => accessLog(logSchema.parse({ access }).access, output, systemClock);
  bench(
    'exchange, no layer',
    exchange((next) => next),
  );
  bench('exchange, observed', exchange(observe('users', requestMetrics(new Metrics()), systemClock)));
  bench('exchange, access line in JSON', exchange(logged({})));
  bench('exchange, access line in JSON, 2 more fields', exchange(logged({ fields: ['default', 'user_agent', 'referer'] })));
  bench('exchange, combined access line', exchange(logged({ format: 'combined' })));
});

await run();
