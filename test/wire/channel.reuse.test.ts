import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSource, isTunnel } from '../../src/http/reply.ts';
import { bodyOf, type Caller, ChannelRig, dialing, turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';
import type { RawPeer } from '../support/raw-peer.ts';
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

async function ask(reply: string): Promise<{ caller: Caller; peer: RawPeer }> {
  const caller = rig.send();
  const peer = await server.next();
  await peer.until('\r\n\r\n');
  peer.send(reply);
  return { caller, peer };
}

describe('A channel', () => {
  test('serves one request after the other', async () => {
    const { caller, peer } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1');
    expect(await bodyOf(await caller.reply())).toBe('1');
    for (const number of ['2', '3']) {
      const next = rig.send({ head: `GET /${number} HTTP/1.1\r\n` });
      await peer.until(`/${number}`);
      peer.send(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${number}`);
      expect(await bodyOf(await next.reply())).toBe(number);
    }
    expect([rig.frees, rig.closes, server.peers.length]).toEqual([3, 0, 1]);
  });

  test.each([
    ['a 1.1 reply', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', true],
    ['Connection: close', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', false],
    ['a 1.0 reply', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['a 1.0 reply with keep-alive', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n', true],
    ['bytes after the reply', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nx', false],
    ['bytes after a small body', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1x', false],
    ['bytes after the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nx', false],
    ['a whole further reply', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'.repeat(2), false],
    ['Keep-Alive: timeout=5', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n', true],
    ['Keep-Alive: timeout=1', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=1\r\n\r\n', false],
  ])('after %s is used again: %s', async (_, text, again) => {
    const { caller } = await ask(text);
    await caller.reply();
    expect([rig.frees, rig.closes]).toEqual(again ? [1, 0] : [0, 1]);
  });

  test('keeps what the upstream says about idle connections', async () => {
    const { caller } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: timeout=5\r\n\r\n');
    expect(rig.channel.idleLimit).toBe(Number.POSITIVE_INFINITY);
    await caller.reply();
    expect(rig.channel.idleLimit).toBe(4000);
  });

  test('closes when bytes come that nobody asked for', async () => {
    const { caller, peer } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await caller.reply();
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await rig.ended();
    await peer.gone();
    expect(caller.told).toBe(1);
  });

  test.each(['end', 'resetAndDestroy'] as const)('closes when the upstream does while it is idle (%s)', async (way) => {
    const { caller, peer } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await caller.reply();
    peer.socket[way]();
    await rig.ended();
    expect(caller.told).toBe(1);
  });

  test('closes after bytes behind a streamed body', async () => {
    const { caller, peer } = await ask('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na');
    const body = bodyOf(await caller.reply());
    peer.send('bX');
    expect(await body).toBe('ab');
    expect([rig.frees, rig.closes]).toEqual([0, 1]);
  });
});

describe('A reply that comes before the request is all sent', () => {
  test('when whole ends the request, its body and the channel', async () => {
    const body = new ManualSource();
    const caller = rig.send({ body });
    const peer = await server.next();
    await peer.until('chunked\r\n\r\n');
    body.send('abc');
    await peer.until('3\r\nabc\r\n');
    peer.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
    expect((await caller.reply()).status).toBe(413);
    expect([body.cancelled, rig.frees, rig.closes]).toEqual([true, 0, 1]);
  });

  test('and streams lets the request go on beside it, both to their ends', async () => {
    const body = new ManualSource(6);
    const caller = rig.send({ body, head: 'PUT / HTTP/1.1\r\nContent-Length: 6\r\n' });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    const reply = bodyOf(await caller.reply());
    body.send('abc');
    await peer.until('abc');
    body.send('def');
    body.end();
    await peer.until('abcdef');
    peer.send('cd');
    expect(await reply).toBe('abcd');
    await rig.freed();
    expect([body.cancelled, rig.closes]).toEqual([false, 0]);
  });

  test('and ends first closes the channel, and cancels the rest of the request', async () => {
    const body = new ManualSource();
    const caller = rig.send({ body });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    const reply = bodyOf(await caller.reply());
    peer.send('cd');
    expect(await reply).toBe('abcd');
    expect([body.cancelled, rig.frees, rig.closes]).toEqual([true, 0, 1]);
  });

  test('does not keep a request that breaks off from breaking the channel, and the reply with it', async () => {
    const body = new ManualSource();
    const caller = rig.send({ body });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    const reply = bodyOf(await caller.reply());
    body.fail(new Error('the client broke off'));
    await expect(reply).rejects.toMatchObject({ code: 'bad_request' });
    await peer.gone();
  });
});

describe('An upgrade', () => {
  const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: b\r\nX-A: 1\r\n\r\n';

  async function open(reply = SWITCH) {
    const caller = rig.send({ upgrade: 'a, b' });
    const peer = await server.next();
    await peer.until('Connection: upgrade\r\nUpgrade: a, b\r\n\r\n');
    peer.send(reply);
    const { headers, body, status } = await caller.reply();
    if (!isTunnel(body)) throw new Error('no tunnel');
    const sink = new RecordingSink();
    return { caller, peer, headers, status, tunnel: body, sink };
  }

  test('opens a tunnel: bytes both ways, those behind the 101 first', async () => {
    const { peer, headers, status, tunnel, sink } = await open(`${SWITCH}early`);
    expect([status, headers.get('upgrade'), headers.get('x-a'), headers.get('via')]).toEqual([101, 'b', '1', '1.1 sluice']);
    tunnel.fromUpstream.pipe(sink);
    await sink.until(() => sink.text === 'early');
    tunnel.toUpstream.chunk(Buffer.from('to the upstream'));
    await peer.until('to the upstream');
    peer.send(' late');
    await sink.until(() => sink.text === 'early late');
  });

  test('is over when both ends are, the client first', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    tunnel.toUpstream.end();
    await peer.gone();
    peer.send('still');
    peer.socket.end();
    await sink.ended();
    expect([sink.text, sink.ends]).toEqual(['still', ['end']]);
    await rig.ended();
  });

  test('is over when both ends are, the upstream first', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    peer.socket.end();
    await sink.ended();
    expect([sink.ends, rig.closes]).toEqual([['end'], 0]);
    tunnel.toUpstream.chunk(Buffer.from('still'));
    await peer.until('still');
    tunnel.toUpstream.end();
    await peer.gone();
    await rig.ended();
  });

  test('that breaks tells its reader', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    peer.socket.resetAndDestroy();
    await sink.ended();
    expect(sink.error).toMatchObject({ code: 'upstream_reset' });
    expect([rig.closes, rig.frees]).toEqual([1, 0]);
  });

  test('that its client breaks off is reset, and ends in no good order', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    tunnel.fromUpstream.cancel();
    await peer.gone();
    expect(peer.left).toBe('reset');
  });

  test('that its client cancels is closed at once', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    tunnel.fromUpstream.cancel();
    expect(rig.closes).toBe(1);
    await peer.gone();
    tunnel.toUpstream.fail(new Error('gone'));
    expect([sink.ends, rig.closes]).toEqual([[], 1]);
  });

  test('that its client breaks is closed at once', async () => {
    const { peer, tunnel, sink } = await open();
    tunnel.fromUpstream.pipe(sink);
    tunnel.toUpstream.fail(new Error('gone'));
    expect(rig.closes).toBe(1);
    await peer.gone();
  });

  test.each([
    ['to what was not offered', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: c\r\n\r\n'],
    ['to nothing', 'HTTP/1.1 101 x\r\n\r\n'],
    ['to several', 'HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: a, b\r\n\r\n'],
  ])('%s is no reply', async (_, text) => {
    const caller = rig.send({ upgrade: 'a, b' });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send(text);
    expect((await caller.failure()).code).toBe('upstream_invalid_reply');
  });

  test('that is declined is an ordinary reply', async () => {
    const caller = rig.send({ upgrade: 'a' });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc');
    expect(await bodyOf(await caller.reply())).toBe('abc');
    expect(rig.frees).toBe(1);
  });

  test('before the request is all sent is no reply', async () => {
    const caller = rig.send({ upgrade: 'a', body: new ManualSource(3) });
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n');
    expect((await caller.failure()).code).toBe('upstream_invalid_reply');
  });
});

test('a body that nobody reads stops the upstream, and all of it is there for the one who comes', async () => {
  const all = 'x'.repeat(8 * 1024 * 1024);
  const { caller, peer } = await ask(`HTTP/1.1 200 OK\r\nContent-Length: ${all.length}\r\n\r\n`);
  const { body } = await caller.reply();
  let sent = false;
  const sending = peer.sent(all).then(() => {
    sent = true;
  });
  await turns(50);
  expect(sent).toBe(false);
  const sink = new RecordingSink();
  if (isSource(body)) body.pipe(sink);
  await sink.ended();
  await sending;
  expect([sink.size, sink.ends]).toEqual([all.length, ['end']]);
  await rig.freed();
});
