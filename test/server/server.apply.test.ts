import { afterEach, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { soon } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;
const seen: { trusted: boolean; client: string; target: string }[] = [];

afterEach(() => {
  seen.length = 0;
  return rig.close();
});

async function open(server: object = {}): Promise<RawPeer> {
  const handler = ({ peer, clientAddress, target }: Exchange) => {
    seen.push({ trusted: peer.trusted, client: clientAddress, target });
    return new Reply(200, undefined, 'hello');
  };
  rig = await ServerRig.open({ server }, { handler });
  const client = rig.connect(get('/'));
  await client.endsWith('hello');
  return client;
}

function apply(server: object): void {
  rig.server.apply(checkConfig({ server: { http_addr: '127.0.0.1:1', ...server } }).server);
}

/** Status of one more request on the connection. */
async function next(client: RawPeer, request: string): Promise<string> {
  const before = client.text.length;
  client.send(request);
  await client.until(() => client.text.indexOf('\r\n\r\n', before) >= 0);
  return client.text.slice(before + 9, before + 12);
}

test('new limits hold for the next request of a connection that was there', async () => {
  const client = await open();
  const long = get('/', `X: ${'x'.repeat(2000)}`);
  expect(await next(client, long)).toBe('200');
  apply({ limits: { header_bytes: 1024 } });
  expect(await next(client, long)).toBe('431');
});

test('a new limit of the target holds', async () => {
  const client = await open();
  apply({ limits: { uri_bytes: 64 } });
  expect(await next(client, get(`/${'x'.repeat(64)}`))).toBe('414');
});

test('new times hold from the next time on', async () => {
  const client = await open({ timeouts: { keep_alive: '7s' } });
  apply({ timeouts: { keep_alive: '3s' } });
  rig.clock.advance(5000);
  expect(await next(client, get('/'))).toBe('200');
  rig.clock.advance(3200);
  await client.gone();
});

test('new trusted proxies are believed on connections that were there, and old ones no more', async () => {
  const client = await open();
  const request = get('/', 'X-Forwarded-For: 192.0.2.1');
  apply({ trusted_proxies: ['127.0.0.1'] });
  await next(client, request);
  apply({});
  await next(client, request);
  expect(seen.slice(1).map(({ trusted, client }) => [trusted, client])).toEqual([
    [true, '192.0.2.1'],
    [false, '127.0.0.1'],
  ]);
});

test('a new path policy holds', async () => {
  const client = await open();
  expect(await next(client, get('/a/../b'))).toBe('200');
  apply({ normalize_path: 'off' });
  expect(await next(client, get('/a/../b'))).toBe('400');
  expect(seen.map(({ target }) => target)).toEqual(['/', '/b']);
});

test('a new limit of connections closes none, and lets none in until there are fewer', async () => {
  const clients = [await open(), rig.connect('GET'), rig.connect('GET')];
  await rig.open(3);
  apply({ max_connections: 2 });
  const refused = rig.connect(get('/'));
  await refused.until('503');
  // The idle one has given way all the same.
  await soon(() => rig.server.open === 2);
  apply({ max_connections: 3 });
  await rig.connect(get('/')).endsWith('hello');
  expect(clients.map(({ left }) => left)).toEqual(['ended', 'open', 'open']);
});

test('the time of a drain is the new one', async () => {
  await open({ timeouts: { drain: '30s' } });
  const half = rig.connect('GET / HTTP/1.1\r\n');
  await rig.open(2);
  apply({ timeouts: { drain: '0s' } });
  const drained = rig.server.drain();
  rig.clock.advance(0);
  expect(await drained).toBe(false);
  await half.gone();
});

test('nothing listens elsewhere', async () => {
  await open();
  const before = [...rig.server.addresses];
  apply({});
  expect(rig.server.addresses).toEqual(before);
});
