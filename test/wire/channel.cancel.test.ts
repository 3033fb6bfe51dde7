import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { isSource, type Reply } from '../../src/http/reply.ts';
import { ChannelRig, dialing, turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RawServer } from '../support/raw-server.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let server: RawServer;
let rig: ChannelRig;

beforeEach(async () => {
  server = await RawServer.open();
  rig = new ChannelRig(dialing(server.port));
});
afterEach(async () => {
  rig.channel.close();
  await server.close();
});

function pipe(reply: Reply): RecordingSink {
  const sink = new RecordingSink();
  if (!isSource(reply.body)) throw new Error('not a stream');
  reply.body.pipe(sink);
  return sink;
}

async function waiting(request = {}) {
  const caller = rig.send(request);
  const peer = await server.next();
  await peer.until('\r\n\r\n');
  return { caller, peer };
}

async function streaming() {
  const { caller, peer } = await waiting();
  peer.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
  return { caller, peer, reply: await caller.reply() };
}

describe('A request that is called off', () => {
  const late = new GatewayError('route_timeout');

  test('before the connection stands fails, and no connection is left', async () => {
    const caller = rig.send();
    rig.channel.cancel(late);
    expect(caller.failures).toEqual([{ error: late, unanswered: false }]);
    expect(rig.closes).toBe(1);
    await turns();
    expect(caller.told).toBe(1);
    for (const peer of server.peers) await peer.gone();
  });

  test('while it is sent has its body cancelled', async () => {
    const body = new ManualSource();
    const { caller, peer } = await waiting({ body });
    rig.channel.cancel(late);
    expect([caller.failures[0]?.error, body.cancelled, rig.closes]).toEqual([late, true, 1]);
    await peer.gone();
  });

  test('while its reply is due frees the connection at once', async () => {
    const { caller, peer } = await waiting();
    rig.channel.cancel(late);
    expect([caller.failures[0]?.error, rig.closes]).toEqual([late, 1]);
    await peer.gone();
  });

  test('inside a head frees the connection at once', async () => {
    const { caller, peer } = await waiting();
    await peer.sent('HTTP/1.1 2');
    await turns();
    rig.channel.cancel(late);
    expect([caller.told, rig.closes]).toEqual([1, 1]);
    await peer.gone();
  });

  test('by its user inside an interim reply hears nothing of the reply behind it', async () => {
    const { caller, peer } = await waiting();
    caller.informed = () => rig.channel.cancel(late);
    peer.send('HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect((await caller.failure()).code).toBe('route_timeout');
    expect([caller.told, rig.frees]).toEqual([1, 0]);
  });

  test('by a body that is cancelled before anybody read it', async () => {
    const { peer, reply } = await streaming();
    if (isSource(reply.body)) reply.body.cancel();
    expect([rig.closes, rig.frees]).toEqual([1, 0]);
    await peer.gone();
  });

  test('by a body that is cancelled while it is read', async () => {
    const { peer, reply } = await streaming();
    const sink = pipe(reply);
    if (isSource(reply.body)) reply.body.cancel();
    expect([rig.closes, sink.ends]).toEqual([1, []]);
    await peer.gone();
  });

  test('by a body that is cancelled inside its own bytes', async () => {
    const { peer, reply } = await streaming();
    const sink = pipe(reply);
    sink.onChunk = () => isSource(reply.body) && reply.body.cancel();
    peer.send('def');
    await peer.gone();
    expect([rig.closes, sink.text, sink.ends]).toEqual([1, 'abcdef', []]);
  });

  test('when it is over disturbs nobody', async () => {
    const { caller, peer } = await waiting();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    await caller.reply();
    rig.channel.cancel(late);
    rig.channel.close();
    expect([caller.told, rig.closes]).toEqual([1, 1]);
  });

  test('leaves nothing in the wheel', async () => {
    const { caller } = await waiting();
    rig.channel.cancel(late);
    await caller.failure();
    rig.clock.advance(1000);
    expect([rig.tools.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });
});
