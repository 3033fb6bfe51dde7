import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import type { Environment } from '../src/config/substitute.ts';
import type { Gateway } from '../src/gateway.ts';
import { ask, ExampleUpstream, exampleFile, runExample } from './support/examples.ts';
import { End } from './support/web-socket-end.ts';

const APP = 'https://app.example.com';
const TRADER = { 'x-api-key': 'demo-key-of-a-trader' };

let upstreams: ExampleUpstream[];
let gateway: Gateway;
const clients: End[] = [];
/** Connections as upstreams see them: which upstream, for which path, by whom. */
const opened: {
  readonly at: number;
  readonly path: string | undefined;
  readonly consumer: string | undefined;
  readonly end: End;
}[] = [];

beforeEach(async () => {
  upstreams = await Promise.all([0, 1, 2, 3].map(() => ExampleUpstream.start()));
  for (const [at, { server }] of upstreams.entries()) {
    const sockets = new WebSocketServer({ server, handleProtocols: (offered) => [...offered][0] ?? false });
    sockets.on('connection', (socket, { url, headers }) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      opened.push({ at, path: url, consumer: headers['x-consumer']?.toString(), end: new End(socket) });
    });
  }
  await start();
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  opened.length = 0;
  await gateway.close();
  for (const upstream of upstreams) upstream.close();
});

async function start(more: Environment = {}): Promise<void> {
  const [one, two, prices, pages] = upstreams as [ExampleUpstream, ExampleUpstream, ExampleUpstream, ExampleUpstream];
  const addresses = { chat: [one, two], prices: [prices], pages: [pages] };
  const trusting = { SLUICE_SERVER__TRUSTED_PROXIES: '127.0.0.1/32', ...more };
  gateway = await runExample(exampleFile('web-socket.yaml'), addresses, trusting);
}

async function join(path: string, protocols: string[] = [], options: ClientOptions = {}): Promise<End> {
  const socket = new WebSocket(`ws://${gateway.http[0]}${path}`, protocols, { perMessageDeflate: false, ...options });
  const end = new End(socket);
  clients.push(end);
  return end.opened();
}

const chat = (room: string, options: ClientOptions = {}, protocols = ['chat.v2', 'chat.v1']) =>
  join(`/chat/${room}`, protocols, { origin: APP, ...options });

async function says(end: End, text: string): Promise<void> {
  end.socket.send(text);
  await end.until(({ texts }) => texts.at(-1) === text);
}

/** Until its upstream knows too. */
async function leaves(end: End): Promise<void> {
  end.socket.close();
  await end.gone();
  await opened.at(-1)?.end.gone();
}

describe('examples/web-socket.yaml:', () => {
  test('messages go both ways, and a room is at one upstream as long as that has not far more than the other', async () => {
    const rooms = ['lobby', 'garden', 'cellar', 'attic', 'porch', 'kitchen', 'hall', 'loft'];
    for (const room of [...rooms, ...rooms]) {
      const end = await chat(room);
      await says(end, `hello ${room}`);
      await leaves(end);
    }
    const places = Map.groupBy(opened, ({ path }) => path);
    expect([...places.values()].map((list) => new Set(list.map(({ at }) => at)).size)).toEqual(rooms.map(() => 1));
    expect((await chat('lobby', {}, ['chat.v1'])).socket.protocol).toBe('chat.v1');
  });

  test('pages of other sites cannot connect, nor who speaks nothing that is spoken here', async () => {
    expect((await chat('lobby', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await chat('lobby', { origin: `${APP}.evil.example` })).status).toBe(403);
    expect((await chat('lobby', {}, ['chat.v3'])).status).toBe(403);
    expect((await chat('No%20Room')).status).toBe(403);
    expect(opened).toEqual([]);
  });

  test('a message that is too large ends its connection with 1009', async () => {
    const end = await chat('lobby');
    await says(end, 'x'.repeat(65_536));
    end.socket.send('x'.repeat(65_537));
    expect((await end.gone()).closed?.[0]).toBe(1009);
  });

  test('one address has ten connections, and another place when one of them is closed', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => chat('lobby')));
    expect(all.map(({ status }) => status)).toEqual(Array(10).fill(undefined));
    expect((await chat('lobby')).status).toBe(429);
    const elsewhere = await chat('lobby', { headers: { 'x-forwarded-for': '192.0.2.1' } });
    await says(elsewhere, 'from elsewhere');
    all[0]?.socket.close();
    await all[0]?.gone();
    await expect.poll(async () => (await chat('lobby')).status, { timeout: 5000 }).toBeUndefined();
  });

  test('handshakes are sixty a minute, messages as many as one likes', async () => {
    for (let at = 0; at < 60; at++) {
      const end = await chat('lobby');
      for (let message = 0; message < 3; message++) await says(end, `${message}`);
      await leaves(end);
    }
    expect((await chat('lobby')).status).toBe(429);
  });

  test('prices are for those with a key, and the upstream learns whose it is', async () => {
    expect([(await join('/prices')).status, (await join('/prices', [], { headers: { 'x-api-key': 'made-up' } })).status]).toEqual(
      [401, 401],
    );
    expect(opened).toEqual([]);
    await says(await join('/prices', [], { headers: { ...TRADER, 'X-Consumer': 'root' } }), 'gold');
    expect(opened.map(({ at, consumer }) => [at, consumer])).toEqual([[2, 'trader']]);
  });

  test('elsewhere WebSocket is refused, and pages are served', async () => {
    expect((await join('/chat')).status).toBe(403);
    expect([(await ask(gateway, '/index.html')).status, opened]).toEqual([200, []]);
  });

  test('a drain closes connections with 1001, at both ends', async () => {
    const ends = [await chat('lobby'), await join('/prices', [], { headers: TRADER })];
    await gateway.drain();
    for (const end of [...ends, ...opened.map(({ end }) => end)]) expect((await end.gone()).closed?.[0]).toBe(1001);
  });

  test('with shorter times: silence ends a connection, pings are a sound, and the longest one ends too', async () => {
    await gateway.close();
    await start({ SLUICE_ROUTES__0__WEBSOCKET__IDLE_TIMEOUT: '500ms', SLUICE_ROUTES__0__WEBSOCKET__TIMEOUT: '2s' });
    const [silent, pinging] = [await chat('lobby'), await chat('lobby')];
    const pings = setInterval(() => pinging.socket.ping(), 50);
    await silent.gone();
    expect(pinging.closed).toBeUndefined();
    await pinging.gone();
    clearInterval(pings);
    expect([silent.closed?.[0], pinging.closed?.[0], pinging.pongs.length > 10]).toEqual([1008, 1008, true]);
  });
});
