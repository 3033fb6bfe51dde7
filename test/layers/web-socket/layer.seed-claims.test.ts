import { afterEach, expect, test } from 'vitest';
import type { Layer } from '../../../src/http/layer.ts';
import { problemReply } from '../../../src/http/problem.ts';
import { Served } from './served.ts';

/** Photon's README on WebSocket. Its limits were stored and never enforced (RIVALS.md §9). */
const PHOTON = {
  enabled: true,
  protocols: ['chat-protocol', 'echo-protocol'],
  timeout: '300s',
  idle_timeout: '60s',
  max_message_size: 65_536,
};

let served: Served | undefined;
afterEach(() => served?.close());

test('seed claim: RFC 6455 compliant proxying, full protocol support for real-time communication', async () => {
  served = await Served.open(PHOTON);
  const [client, upstream] = await served.pair(['chat-protocol']);
  client.socket.send('to the upstream');
  upstream.socket.send(Buffer.from('to the client'));
  client.socket.ping('beat');
  await upstream.until(({ texts, pings }) => texts[0] === 'to the upstream' && pings[0] === 'beat');
  await client.until(({ messages, pongs }) => messages[0]?.binary === true && pongs[0] === 'beat');
  client.socket.close(4001, 'done');
  expect([(await upstream.gone()).closed, (await client.gone()).closed]).toEqual([
    [4001, 'done'],
    [4001, 'done'],
  ]);
});

test('seed claim: per-route configuration: the message limit is enforced', async () => {
  served = await Served.open(PHOTON);
  const [client, upstream] = await served.pair();
  client.socket.send('x'.repeat(65_536));
  await upstream.until(({ messages }) => messages.length === 1);
  client.socket.send('x'.repeat(65_537));
  expect([(await client.gone()).closed?.[0], (await upstream.gone()).closed?.[0]]).toEqual([1009, 1009]);
  expect(upstream.messages).toHaveLength(1);
});

test('seed claim: per-route configuration: the idle timeout is enforced', async () => {
  served = await Served.open(PHOTON);
  const [client, upstream] = await served.pair();
  served.rig.clock.advance(59_900);
  expect(client.closed).toBeUndefined();
  served.rig.clock.advance(200);
  expect([(await client.gone()).closed?.[0], (await upstream.gone()).closed?.[0]]).toEqual([1008, 1008]);
});

test('seed claim: per-route configuration: the connection timeout is enforced', async () => {
  served = await Served.open(PHOTON);
  const [client, upstream] = await served.pair();
  for (let second = 50; second < 300; second += 50) {
    served.rig.clock.advance(50_000);
    client.socket.ping(String(second));
    await client.until(({ pongs }) => pongs.at(-1) === String(second));
  }
  expect(client.closed).toBeUndefined();
  served.rig.clock.advance(50_200);
  expect((await client.gone()).closed).toEqual([1008, 'open for longer than this route allows']);
  expect((await upstream.gone()).closed?.[0]).toBe(1008);
});

test('seed claim: protocol validation restricts the subprotocols', async () => {
  served = await Served.open(PHOTON, { handleProtocols: (offered) => [...offered].at(-1) ?? false });
  const [client, upstream] = await served.pair(['secret-protocol', 'echo-protocol', 'other']);
  expect([client.socket.protocol, upstream.socket.protocol]).toEqual(['echo-protocol', 'echo-protocol']);
  expect((await served.connect(['secret-protocol']).opened()).status).toBe(403);
  expect(served.ends).toHaveLength(1);
});

test('seed claim: protocol validation: a server cannot choose what was not let through', async () => {
  served = await Served.open(PHOTON);
  served.upstream.on('headers', (lines) => lines.push('Sec-WebSocket-Protocol: secret-protocol'));
  expect((await served.connect(['echo-protocol']).opened()).status).toBe(502);
});

test('seed claim: authentication applies to upgrades', async () => {
  const guard: Layer = (next) => (exchange) => {
    if (exchange.headers.get('authorization') === 'Bearer right') return next(exchange);
    return problemReply({ status: 401, code: 'unauthenticated', title: 'Who asks?' }, exchange.requestId);
  };
  served = await Served.open(PHOTON, {}, guard);
  expect((await served.connect().opened()).status).toBe(401);
  expect(served.ends).toHaveLength(0);
  const [client] = await served.pair([], { headers: { Authorization: 'Bearer right' } });
  expect(client.status).toBeUndefined();
});

test('seed claim: metrics of upgrades, connections, messages and durations', async () => {
  served = await Served.open(PHOTON);
  const [client, upstream] = await served.pair();
  await served.connect(['none-of-ours']).opened();
  client.socket.send('one');
  client.socket.send('two');
  upstream.socket.send('three');
  await upstream.until(({ messages }) => messages.length === 2);
  await client.until(({ messages }) => messages.length === 1);
  expect(served.series('gateway_websocket_connections_active')).toEqual([[{ route: 'chat' }, 1]]);
  served.rig.clock.advance(2000);
  client.socket.close(1000);
  await upstream.gone();
  await served.rig.open(0);
  expect(served.series('gateway_websocket_upgrades_total')).toEqual([
    [{ route: 'chat', outcome: 'opened' }, 1],
    [{ route: 'chat', outcome: 'refused' }, 1],
  ]);
  expect(served.series('gateway_websocket_messages_total')).toEqual([
    [{ route: 'chat', direction: 'to_upstream' }, 2],
    [{ route: 'chat', direction: 'to_client' }, 1],
  ]);
  expect(served.series('gateway_websocket_connections_active')).toEqual([[{ route: 'chat' }, 0]]);
  expect(served.series('gateway_websocket_connection_duration_seconds')).toMatchObject([[{ route: 'chat' }, { sum: 2 }]]);
});
