import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { REPLAY_LIMIT } from '../../src/http/replay.ts';
import { WireTransport } from '../../src/upstream/wire-transport.ts';
import { arrived } from '../support/arrived.ts';
import { bodyOf, dialing, toolsOf, turns } from '../support/channels.ts';
import { type Asking, exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { RawServer } from '../support/raw-server.ts';

const LIMITS = { maxConnections: 0, maxIdle: 4, idleTimeout: 30_000, queue: 10, queueTimeout: 1000 };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

let server: RawServer;
let transport: WireTransport;

beforeEach(async () => {
  server = await RawServer.open();
  transport = new WireTransport(server.address, dialing(server.port), toolsOf(), LIMITS);
});
afterEach(async () => {
  transport.close();
  await server.close();
});

function send(asking: Asking = {}) {
  const exchange = exchangeOf({ headers: arrived('Host: a'), ...asking });
  const reply = transport.send(exchange);
  reply.catch(() => {});
  return { exchange, reply };
}

/** A connection that has served once, and the request that it gets next. */
async function reuse(asking: Asking = {}) {
  const first = send({ target: '/first' });
  const peer = await server.next();
  await peer.until('/first');
  peer.send(OK);
  await first.reply;
  const sent = send({ target: '/second', ...asking });
  await peer.until('/second');
  return { ...sent, peer };
}

const count = (peer: RawPeer, text: string) => peer.text.split(text).length - 1;

describe('A kept connection that turns out to be closed', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('has %s sent once more, on a new one', async (method) => {
    const { peer, reply } = await reuse({ method });
    peer.socket.resetAndDestroy();
    const other = await server.next();
    await other.until('/second');
    expect(other.text).toBe(`${method} /second HTTP/1.1\r\nHost: a\r\n\r\n`);
    other.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await reply).status).toBe(204);
  });

  test.each(['POST', 'PATCH', 'PURGE'])('has %s fail: sending it twice could mean doing it twice', async (method) => {
    const body = new ManualSource(3);
    const { peer, reply } = await reuse({ method, body });
    peer.socket.resetAndDestroy();
    await expect(reply).rejects.toMatchObject({ code: 'upstream_reset' });
    expect([body.cancelled, server.peers.length]).toEqual([true, 1]);
  });

  test('has a request fail of which something was answered', async () => {
    const { peer, reply } = await reuse();
    await peer.sent('HTTP/1.1 ');
    await turns();
    peer.socket.end();
    await expect(reply).rejects.toMatchObject({ code: 'upstream_reset' });
    expect(server.peers).toHaveLength(1);
  });

  test('has a request fail the second time', async () => {
    const { peer, reply } = await reuse();
    peer.socket.end();
    const other = await server.next();
    await other.until('/second');
    other.socket.end();
    await expect(reply).rejects.toMatchObject({ code: 'upstream_reset' });
    expect(server.peers).toHaveLength(2);
  });

  test('does not concern a request that was called off', async () => {
    const { exchange, peer, reply } = await reuse();
    exchange.cancel(new GatewayError('client_gone'));
    await expect(reply).rejects.toMatchObject({ code: 'client_gone' });
    await peer.gone();
    await turns();
    expect(server.peers).toHaveLength(1);
  });

  test('lets the second try be called off', async () => {
    const { exchange, peer, reply } = await reuse();
    peer.socket.end();
    const other = await server.next();
    await other.until('/second');
    exchange.cancel(new GatewayError('route_timeout'));
    await expect(reply).rejects.toMatchObject({ code: 'route_timeout' });
    await other.gone();
  });
});

describe('The body of a request that is sent once more', () => {
  const put = (body: ManualSource) => ({ method: 'PUT', headers: arrived('Host: a'), body });

  test('is sent from its start, what had gone out and what comes later', async () => {
    const body = new ManualSource();
    const { peer, reply } = await reuse(put(body));
    body.send('hello ');
    await peer.until('hello ');
    peer.socket.resetAndDestroy();
    const other = await server.next();
    await other.until('6\r\nhello \r\n');
    body.send('world');
    body.end();
    await other.until('5\r\nworld\r\n0\r\n\r\n');
    other.send(OK);
    expect(await bodyOf(await reply)).toBe('ok');
    expect([count(other, 'hello'), body.cancelled]).toEqual([1, false]);
  });

  test('is sent whole when it had gone out whole', async () => {
    const body = new ManualSource(5);
    const { peer, reply } = await reuse(put(body));
    body.send('hello');
    body.end();
    await peer.until('hello');
    peer.socket.resetAndDestroy();
    const other = await server.next();
    await other.until('Content-Length: 5\r\n\r\nhello');
    other.send(OK);
    expect((await reply).status).toBe(200);
  });

  test('is not sent once more when it was too long to keep', async () => {
    const body = new ManualSource();
    const { peer, reply } = await reuse(put(body));
    body.send('x'.repeat(REPLAY_LIMIT + 1));
    await peer.until(() => peer.size > REPLAY_LIMIT);
    peer.socket.resetAndDestroy();
    await expect(reply).rejects.toMatchObject({ code: 'upstream_reset' });
    expect([body.cancelled, server.peers.length]).toEqual([true, 1]);
  });

  test('breaks the request when it breaks, and nothing is sent once more', async () => {
    const body = new ManualSource();
    const { peer, reply } = await reuse(put(body));
    body.send('hello');
    body.fail(new GatewayError('client_gone'));
    await expect(reply).rejects.toMatchObject({ code: 'client_gone' });
    await peer.gone();
    await turns();
    expect(server.peers).toHaveLength(1);
  });

  test('that fails at its very first bytes fails the request once', async () => {
    const body = new ManualSource();
    const error = new GatewayError('client_gone');
    const exchange = exchangeOf({ method: 'PUT', body });
    body.onPipe = () => {
      exchange.cancel(error);
      body.fail(error);
    };
    await expect(transport.send(exchange)).rejects.toBe(error);
    expect([body.cancelled, transport.state.connections]).toEqual([true, 0]);
  });

  test('is cancelled when the reply comes first and whole', async () => {
    const body = new ManualSource();
    const { peer, reply } = await reuse(put(body));
    peer.send('HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n');
    expect((await reply).status).toBe(409);
    expect(body.cancelled).toBe(true);
  });
});
