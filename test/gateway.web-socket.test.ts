import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { End } from './support/web-socket-end.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-ws-'));
let upstream: WebSocketServer;
const ends: End[] = [];
const clients: WebSocket[] = [];
let gateway: Gateway;
let log = '';

beforeAll(async () => {
  upstream = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 0 });
  upstream.on('connection', (socket) => {
    const end = new End(socket);
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    ends.push(end);
  });
  await new Promise((resolve) => upstream.once('listening', resolve));
});
afterEach(async () => {
  for (const socket of clients.splice(0)) socket.terminate();
  await gateway.close();
  ends.length = 0;
});
afterAll(() => {
  upstream.close();
  rmSync(directory, { recursive: true });
});

function configOf(websocket: Record<string, unknown> | undefined, more: Record<string, unknown> = {}) {
  return checkConfig({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'info', output: log },
    load_balancing: {
      backends: { chat: { upstreams: [{ address: `127.0.0.1:${(upstream.address() as AddressInfo).port}` }] } },
    },
    routes: [{ id: 'chat', path: '/ws/**', backend: 'chat', ...(websocket === undefined ? {} : { websocket }), ...more }],
  });
}

async function start(websocket: Record<string, unknown> | undefined): Promise<Gateway> {
  log = join(mkdtempSync(join(directory, 'g-')), 'log');
  gateway = createGateway(configOf(websocket));
  await gateway.start();
  return gateway;
}

async function connect(path = '/ws/room', protocols: string[] = []): Promise<End> {
  const socket = new WebSocket(`ws://${gateway.http[0]}${path}`, protocols, { perMessageDeflate: false });
  clients.push(socket);
  return new End(socket).opened();
}

async function says(client: End, text: string): Promise<void> {
  client.socket.send(text);
  await client.until(({ texts }) => texts.at(-1) === text);
}

test('seed claim: connections survive a reload, with the limits that they began with', async () => {
  await start({ max_message_size: 1000 });
  const [client, other] = [await connect(), await connect()];
  await says(client, 'before');
  expect((await gateway.reload(configOf({ max_message_size: 10, protocols: ['v2'] }))).outcome).toBe('applied');
  await says(client, 'x'.repeat(1000));
  const late = await connect('/ws/room', ['v2', 'v1']);
  expect(late.socket.protocol).toBe('v2');
  late.socket.send('more than ten bytes');
  expect((await late.gone()).closed?.[0]).toBe(1009);
  // The route itself may go.
  expect((await gateway.reload(configOf(undefined, { id: 'files', path: '/files' }))).outcome).toBe('applied');
  await says(client, 'after');
  await says(other, 'after all');
  expect((await connect()).status).toBe(404);
  const shown = await (await fetch(`http://${gateway.admin}/metrics`)).text();
  expect(shown).toContain('gateway_websocket_connections_active{route="chat"} 2');
  client.socket.send('x'.repeat(1001));
  expect((await client.gone()).closed?.[0]).toBe(1009);
});

test('A shutdown closes them with 1001, is done when they are, and each is logged once, with how long it lasted', async () => {
  await start({});
  const open = await Promise.all(Array.from({ length: 300 }, () => connect()));
  await says(open[0] as End, 'hello');
  await gateway.drain();
  for (const end of [...open, ...ends]) expect((await end.gone()).closed?.[0]).toBe(1001);
  const lines = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const switched = lines.filter(({ status }) => status === 101);
  expect(switched).toHaveLength(300);
  expect(switched[0]).toMatchObject({ target: '/ws/room', route: 'chat', duration_ms: expect.any(Number) });
  expect(lines.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
});

test('A route that says nothing of WebSocket refuses it, and serves all else', async () => {
  await start(undefined);
  expect((await connect()).status).toBe(403);
  // The server at the other end has only this to say to an ordinary request.
  expect((await fetch(`http://${gateway.http[0]}/ws/room`)).status).toBe(426);
});
