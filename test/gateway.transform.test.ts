import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGateway, startGateway } from './support/gateway.ts';

/** A request as its origin saw it: names and values as they came. */
interface Seen {
  readonly url: string;
  readonly raw: string[];
  readonly headers: Record<string, string>;
}
interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly seen: Seen | undefined;
}

let origin: Server;
let gateway: RunningGateway;
let closed = false;
const directory = mkdtempSync(join(tmpdir(), 'sluice-transform-'));
const log = join(directory, 'access.log');

beforeAll(async () => {
  origin = createServer((asked, response) => {
    response.setHeader('Server', 'demo');
    response.setHeader('X-Powered-By', 'demo');
    response.end(JSON.stringify({ url: asked.url, raw: asked.rawHeaders, headers: asked.headers }));
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  gateway = await startGateway({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'info', output: log },
    middleware: {
      // As Photon writes it.
      transform: {
        request_headers: { add: { 'X-Gateway': 'photon', 'X-Trace': '{request_id}' }, remove: ['X-Secret'] },
        response_headers: { add: { 'X-Served-By': 'photon' }, set: { 'X-Powered-By': 'nobody' }, remove: ['Server'] },
      },
      security_headers: { csp: "default-src 'none'" },
    },
    load_balancing: {
      backends: { origin: { upstreams: [{ address }] }, down: { upstreams: [{ address: '127.0.0.1:1' }] } },
    },
    routes: [
      { id: 'photon', path: '/photon/**', backend: 'origin', middleware: ['transform', 'security_headers'] },
      { id: 'down', path: '/down', backend: 'down', middleware: ['transform', 'security_headers'] },
      {
        ...{ id: 'refused', path: '/refused', backend: 'origin', ip_deny: ['127.0.0.1'], middleware: ['security_headers'] },
        transform: { response_headers: { set: { 'X-Served-By': 'us', 'X-Frame-Options': 'SAMEORIGIN' } } },
      },
      { id: 'strip', path: '/api/**', backend: 'origin', transform: { strip_prefix: '/api', host: 'users.internal:81' } },
      {
        ...{ id: 'rewrite', path: '/users/{id}', backend: 'origin' },
        transform: {
          rewrite: '/v2/{id}/{query:q}?h={header:x-a}',
          request_headers: { set: { 'X-Q': '{query:q}', 'X-Id': '{id}' } },
          response_headers: { set: { 'X-Q': '{query:q}', 'X-A': '{header:x-a}' } },
        },
      },
    ],
  });
});
afterAll(async () => {
  if (!closed) await gateway.close();
  origin.closeAllConnections();
  origin.close();
  rmSync(directory, { recursive: true });
});

/** Sends the path as it is: `fetch` would bring it into another spelling. */
function ask(path: string, headers: Record<string, string> = {}): Promise<Reply> {
  const colon = gateway.address.lastIndexOf(':');
  const [host, port] = [gateway.address.slice(0, colon), Number(gateway.address.slice(colon + 1))];
  return new Promise((resolve, reject) => {
    request({ host, port, path, headers, agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => {
        const status = reply.statusCode ?? 0;
        resolve({ status, headers: reply.headers, seen: status === 200 ? (JSON.parse(text) as Seen) : undefined });
      });
    })
      .on('error', reject)
      .end();
  });
}

describe('seed claim: header transforms are applied:', () => {
  test('to the request', async () => {
    const { seen, headers } = await ask('/photon/x', { 'X-Secret': 's', 'X-Gateway': 'mine' });
    expect(seen?.headers).toMatchObject({ 'x-gateway': 'mine, photon', 'x-trace': headers['x-request-id'] });
    expect(seen?.headers).not.toHaveProperty('x-secret');
  });

  test('and to the reply', async () => {
    const { headers } = await ask('/photon/x');
    expect(headers).toMatchObject({ 'x-served-by': 'photon', 'x-powered-by': 'nobody' });
    expect(headers).not.toHaveProperty('server');
  });

  test('to one that refuses a request before it comes so far, too, with the last word', async () => {
    const { status, headers } = await ask('/refused');
    expect([status, headers['x-served-by'], headers['x-frame-options']]).toEqual([403, 'us', 'SAMEORIGIN']);
  });

  test('to one that says that the upstream is down, too', async () => {
    const { status, headers } = await ask('/down');
    expect([status, headers['x-served-by'], headers['x-powered-by']]).toEqual([502, 'photon', 'nobody']);
  });
});

test('seed claim: security headers are on replies and errors alike, with CSP where it is configured', async () => {
  const fields = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'content-security-policy': "default-src 'none'",
  };
  for (const path of ['/photon/x', '/down']) {
    const { headers } = await ask(path);
    expect(headers).toMatchObject(fields);
    expect(headers).not.toHaveProperty('strict-transport-security');
  }
});

describe('A prefix', () => {
  test.each([
    ['/api/users?x=/api', '/users?x=/api'],
    ['/api', '/'],
    ['/api?x', '/?x'],
    ['/api/%2e%2e/api/x', '/x'],
  ])('is cut: %s is asked for as %s', async (path, url) => expect((await ask(path)).seen?.url).toBe(url));

  test('that would leave another host behind it does not', async () => {
    expect((await ask('/api//evil.example/x')).seen?.url).toBe('/evil.example/x');
  });
});

test('the host that is configured comes first, once, and the client’s is told beside it', async () => {
  const { seen } = await ask('/api/x', { Host: 'Api.Example:8080', 'X-Forwarded-Host': 'evil.example' });
  expect(seen?.raw.slice(0, 2)).toEqual(['Host', 'users.internal:81']);
  expect(seen?.raw.filter((text) => text.toLowerCase() === 'host')).toHaveLength(1);
  expect(seen?.headers).toMatchObject({ 'x-forwarded-host': 'Api.Example:8080' });
  expect(seen?.headers['forwarded']).toContain('host="Api.Example:8080"');
});

describe('What a client sends', () => {
  test('cannot end a line on either way, nor a segment', async () => {
    const { status, seen, headers } = await ask('/users/a%0d%0aX-Evil:%201?q=b%0d%0aX-Evil:%201%2fx', { 'X-A': 'c&d' });
    expect(status).toBe(200);
    expect(seen?.url).toBe('/v2/a%0D%0AX-Evil:%201/b%250D%250AX-Evil%3A%201%2Fx?h=c%26d');
    expect(seen?.headers).toMatchObject({ 'x-q': 'b%0D%0AX-Evil: 1/x', 'x-id': 'a%0D%0AX-Evil:%201' });
    expect(headers).toMatchObject({ 'x-q': 'b%0D%0AX-Evil: 1/x', 'x-a': 'c&d' });
    for (const fields of [seen?.headers, headers]) expect(fields).not.toHaveProperty('x-evil');
  });

  test.each(['..', '%2e%2e', '..%2fadmin', 'a%2f..%2f..%2fb', '..%5cadmin', '..%3bx', '.', ''])(
    'cannot lead out of the path: %s is refused',
    async (q) => expect((await ask(`/users/7?q=${q}`, { 'X-A': 'x' })).status).toBe(400),
  );

  test('that lacks what the path is made of is refused, with the changes of replies', async () => {
    const { status, headers } = await ask('/users/7?q=x');
    expect([status, headers['x-q']]).toEqual([400, 'x']);
  });
});

test('the access log says what was asked for, not what became of it', async () => {
  await ask('/api/logged?x=1', { Host: 'asked.example' });
  closed = true;
  await gateway.close();
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .find((one) => one.includes('logged'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ target: '/api/logged?x=1' });
  expect(line).not.toContain('users.internal');
});
