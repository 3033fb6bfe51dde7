import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGateway, startGateway } from './support/gateway.ts';

const APP = 'https://app.example.com';
const SECRET = 'a-secret-of-more-than-32-characters';
const CORS = {
  allowed_origins: [APP, 'https://*.example.org'],
  allowed_methods: ['GET', 'PUT'],
  allowed_headers: ['Authorization', 'Content-Type'],
  exposed_headers: ['RateLimit'],
  credentials: true,
  max_age: '10m',
};

let origin: Server;
let gateway: RunningGateway;
const seen: string[] = [];

beforeAll(async () => {
  origin = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    // What many frameworks say by default.
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Methods', '*');
    response.setHeader('Vary', 'Accept-Encoding');
    response.end('theirs');
  });
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  gateway = await startGateway({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'silent' },
    middleware: { cors: CORS, authentication: { auth_type: 'jwt', jwt: { secret: SECRET } } },
    load_balancing: {
      backends: { origin: { upstreams: [{ address }] }, down: { upstreams: [{ address: '127.0.0.1:1' }] } },
    },
    routes: [
      { id: 'open', path: '/open', backend: 'origin', middleware: ['cors', 'security_headers'] },
      { id: 'secured', path: '/secured', methods: ['GET', 'PUT'], backend: 'origin', middleware: ['auth', 'cors'] },
      {
        ...{ id: 'limited', path: '/limited', backend: 'origin', middleware: ['cors'] },
        rate_limits: [{ name: 'one', key: 'ip', algorithm: 'fixed_window', limit: 1, window: '1h' }],
      },
      { id: 'down', path: '/down', backend: 'down', middleware: ['cors'] },
      { id: 'plain', path: '/plain', backend: 'origin' },
    ],
  });
});
afterAll(async () => {
  await gateway.close();
  origin.closeAllConnections();
  origin.close();
});

const ask = (path: string, method: string, headers: Record<string, string> = {}) =>
  fetch(`http://${gateway.address}${path}`, { method, headers });
const preflight = (path: string, method: string, from: string) =>
  ask(path, 'OPTIONS', {
    origin: from,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization',
  });
const told = (reply: Response) =>
  Object.fromEntries([...reply.headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-')));

const MARKED = {
  'access-control-allow-origin': APP,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'RateLimit',
};

describe('seed claim: CORS is applied:', () => {
  test('a preflight is answered before identity, and goes nowhere', async () => {
    seen.length = 0;
    const reply = await preflight('/secured', 'PUT', APP);
    expect([reply.status, await reply.text(), told(reply)]).toEqual([
      204,
      '',
      {
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'GET, PUT, HEAD',
        'access-control-allow-headers': 'authorization',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      },
    ]);
    expect(told(await preflight('/secured', 'PUT', 'https://evil.example'))).toEqual({ vary: expect.any(String) });
    expect(seen).toEqual([]);
  });

  test('a preflight has the other fields of its route, and is counted there', async () => {
    const reply = await preflight('/open', 'GET', 'https://a.example.org');
    expect([reply.headers.get('x-frame-options'), reply.headers.get('access-control-allow-origin')]).toEqual([
      'DENY',
      'https://a.example.org',
    ]);
    const text = await (await fetch(`http://${gateway.admin}/metrics`)).text();
    expect(text).toMatch(/gateway_requests_total\{[^}]*route="open"[^}]*method="OPTIONS"|method="OPTIONS"[^}]*route="open"/);
  });

  test('a reply has what the gateway says, and nothing of what the upstream said', async () => {
    expect(told(await ask('/open', 'GET', { origin: APP }))).toEqual({ ...MARKED, vary: 'Accept-Encoding, Origin' });
    for (const from of ['https://evil.example', 'https://app.example.com.evil.example', 'null', `${APP}, ${APP}`])
      expect(told(await ask('/open', 'GET', { origin: from }))).toEqual({ vary: 'Accept-Encoding, Origin' });
    expect(told(await ask('/open', 'GET'))).toEqual({ vary: 'Accept-Encoding, Origin' });
  });

  test('a page can read that it is refused, that it is limited, and that there is no upstream', async () => {
    const refused = await ask('/secured', 'GET', { origin: APP });
    expect([refused.status, told(refused)]).toEqual([401, { ...MARKED, vary: 'Origin' }]);
    await ask('/limited', 'GET');
    const limited = await ask('/limited', 'GET', { origin: APP });
    expect([limited.status, told(limited)]).toEqual([429, { ...MARKED, vary: 'Origin' }]);
    const down = await ask('/down', 'GET', { origin: APP });
    expect([down.status, told(down)]).toEqual([502, { ...MARKED, vary: 'Origin' }]);
  });

  test('with a token, the request comes through', async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256' })}.${part({ sub: 'a' })}`;
    const token = `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
    const reply = await ask('/secured', 'PUT', { origin: APP, authorization: `Bearer ${token}` });
    expect([reply.status, told(reply)]).toEqual([200, { ...MARKED, vary: 'Accept-Encoding, Origin' }]);
  });
});

describe('Without it', () => {
  test('a preflight goes on, and what the upstream says of it stays', async () => {
    seen.length = 0;
    const reply = await preflight('/plain', 'PUT', APP);
    expect([reply.status, await reply.text(), reply.headers.get('access-control-allow-origin')]).toEqual([200, 'theirs', '*']);
    expect(seen).toEqual(['OPTIONS /plain']);
  });

  test('OPTIONS that is no preflight goes on, marked like any other', async () => {
    seen.length = 0;
    const reply = await ask('/open', 'OPTIONS', { origin: APP });
    expect([reply.status, told(reply), seen]).toEqual([200, { ...MARKED, vary: 'Accept-Encoding, Origin' }, ['OPTIONS /open']]);
  });
});
