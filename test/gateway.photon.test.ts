import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { CERTIFICATE, PRIVATE_KEY } from './config/certificate.ts';
import { photonDocument } from './support/photon.ts';

const SECRET = 'your-256-bit-secret-key-here';
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(claims: object, secret = SECRET): string {
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const now = () => Math.floor(Date.now() / 1000);
const bearer = (claims: object) => ({ authorization: `Bearer ${tokenOf(claims)}` });

/** All of Photon's README at once, in front of an HTTP and a WebSocket server. */
let directory: string;
let origin: Server;
let gateway: Gateway;
let http: string;
const seen: IncomingMessage[] = [];

beforeAll(async () => {
  origin = createServer((request, response) => {
    seen.push(request);
    response.end(JSON.stringify({ url: request.url }));
  });
  const sockets = new WebSocketServer({ server: origin, handleProtocols: (offered) => [...offered][0] ?? false });
  sockets.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  directory = mkdtempSync(join(tmpdir(), 'photon-'));
  writeFileSync(join(directory, 'a.crt'), CERTIFICATE);
  writeFileSync(join(directory, 'a.key'), PRIVATE_KEY);
  gateway = createGateway(checkConfig(documentFor(address)));
  await gateway.start();
  http = gateway.http[0] ?? '';
});
afterAll(async () => {
  await gateway.close();
  origin.closeAllConnections();
  origin.close();
  rmSync(directory, { recursive: true });
});

/** Addresses and what Photon's README leaves open: who uses the definitions, and where TLS is served. */
function documentFor(address: string): unknown {
  const photon = photonDocument() as {
    server: object;
    routes: { id: string }[];
    load_balancing: { backends: Record<string, object> };
    metrics: object;
  };
  const upstreams = { upstreams: [{ address }] };
  const [web, one, two] = [photon.load_balancing.backends['web_service'], upstreams, upstreams];
  const backends = { web_service: { ...web, ...upstreams }, chat_service: one, api_service: two };
  const tls = { https_addr: '127.0.0.1:0', tls_cert: join(directory, 'a.crt'), tls_key: join(directory, 'a.key') };
  return {
    ...photon,
    server: { ...photon.server, http_addr: '127.0.0.1:0', ...tls },
    metrics: { ...photon.metrics, metrics_addr: '127.0.0.1:0' },
    log: { level: 'error' },
    load_balancing: { backends },
    routes: photon.routes.map((route) => (route.id === 'api' ? { ...route, middleware: ['auth', 'rate_limit', 'cors'] } : route)),
  };
}

const ask = (path: string, init: RequestInit = {}) => fetch(`http://${http}${path}`, init);

describe("seed claim: Photon's whole configuration runs, and", () => {
  test('a request without a token is 401 with a challenge, and goes nowhere', async () => {
    const before = seen.length;
    const reply = await ask('/api/users');
    expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="sluice"']);
    expect(seen).toHaveLength(before);
  });

  test('a token with the right signature comes in, also the second time', async () => {
    const headers = bearer({ sub: 'alice', exp: now() + 60 });
    expect([(await ask('/api/users', { headers })).status, (await ask('/api/users', { headers })).status]).toEqual([200, 200]);
  });

  test.each([
    ['expired', tokenOf({ exp: now() - 60 })],
    ['not valid yet', tokenOf({ nbf: now() + 60 })],
    ['signed by another key', tokenOf({ exp: now() + 60 }, 'another-secret-of-many-characters')],
    ['unsigned', `${part({ alg: 'none' })}.${part({ exp: now() + 60 })}.`],
    ['garbage', 'abc'],
  ])('a token that is %s is 401', async (_, token) => {
    const reply = await ask('/api/users', { headers: { authorization: `Bearer ${token}` } });
    expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  test('a preflight is answered before identity, and replies have the fields of CORS, refusals too', async () => {
    const origin = 'https://myapp.com';
    const preflight = await ask('/api/users', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    const refused = await ask('/api/users', { headers: { origin } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    const other = await ask('/api/users', { headers: { origin: 'https://myapp.com.evil.example', ...bearer({}) } });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  test('the limit of its README is told to clients', async () => {
    const reply = await ask('/api/users', { headers: bearer({}) });
    expect(reply.headers.get('ratelimit-policy')).toMatch(/^"rate_limiting";q=20000/);
    expect(reply.headers.get('ratelimit')).toMatch(/^"rate_limiting";r=199\d\d/);
  });

  test('the same is served over TLS', async () => {
    const port = Number(gateway.https[0]?.split(':')[1]);
    const status = await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/api/users', ca: CERTIFICATE, servername: 'users.internal' };
      secureRequest({ ...options, headers: bearer({}), agent: false }, (reply) => resolve(reply.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });

  test('a WebSocket of an allowed protocol carries messages', async () => {
    const socket = new WebSocket(`ws://${http}/ws/chat/room`, ['other', 'echo-protocol']);
    const echoed = await new Promise((resolve, reject) => {
      socket.on('error', reject).on('message', (data) => resolve(String(data)));
      socket.on('open', () => socket.send('hello'));
    });
    expect([echoed, socket.protocol]).toEqual(['hello', 'echo-protocol']);
    socket.close();
  });

  test('a WebSocket of no allowed protocol is refused', async () => {
    expect(await handshakeOf('/ws/chat/room', ['other'])).toBeGreaterThanOrEqual(400);
  });

  test('a message beyond max_message_size closes the connection with 1009', async () => {
    const socket = new WebSocket(`ws://${http}/ws/chat/room`);
    const code = await new Promise((resolve, reject) => {
      socket.on('error', reject).on('close', resolve);
      socket.on('open', () => socket.send(Buffer.alloc(65_537)));
    });
    expect(code).toBe(1009);
  });

  test('authentication holds for the upgrade', async () => {
    expect(await handshakeOf('/ws/api/feed', [])).toBe(401);
    expect(await handshakeOf('/ws/api/feed', [], bearer({}))).toBe(101);
  });

  test('its metrics have their names', async () => {
    const text = await (await fetch(`http://${gateway.admin}/metrics`)).text();
    for (const name of ['upgrades_total', 'connections_active', 'messages_total', 'connection_duration_seconds'])
      expect(text).toContain(`gateway_websocket_${name}`);
  });
});

/** The status of a handshake; 101 when it came about. */
function handshakeOf(path: string, protocols: string[], headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${http}${path}`, protocols, { headers });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
    socket.on('open', () => {
      resolve(101);
      socket.close();
    });
  });
}
