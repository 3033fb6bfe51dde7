import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSource, isTunnel } from '../../src/http/reply.ts';
import type { DialOptions } from '../../src/wire/dial.ts';
import { CERTIFICATE } from '../config/certificate.ts';
import { bodyOf, ChannelRig, dialing, turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RawServer } from '../support/raw-server.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let server: RawServer;
let rig: ChannelRig | undefined;

beforeEach(async () => {
  server = await RawServer.open({});
});
afterEach(async () => {
  rig?.channel.close();
  await server.close();
});

const trusting: DialOptions['tls'] = { ca: CERTIFICATE, servername: 'users.internal', ALPNProtocols: ['http/1.1'] };

function open(tls: DialOptions['tls'] = trusting): ChannelRig {
  rig = new ChannelRig(dialing(server.port, { tls }));
  return rig;
}

describe('A channel over TLS', () => {
  test('serves one request after the other', async () => {
    const { send } = open();
    for (const [at, number] of ['1', '2'].entries()) {
      const caller = send.call(rig, { head: `GET /${number} HTTP/1.1\r\n` });
      const peer = server.peers[0] ?? (await server.next());
      await peer.until(`/${number}`);
      peer.send(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${number}`);
      expect(await bodyOf(await caller.reply())).toBe(number);
      expect(rig?.frees).toBe(at + 1);
    }
    expect(server.peers).toHaveLength(1);
  });

  test('carries large bodies both ways, with backpressure', async () => {
    const { clock } = open();
    const size = 4_000_000;
    const body = new ManualSource(size);
    const caller = (rig as ChannelRig).send({ body });
    const peer = await server.next();
    body.send('x'.repeat(size));
    body.end();
    await peer.until(() => peer.size > size);
    peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    const reply = await caller.reply();
    const sink = new RecordingSink();
    sink.open = false;
    if (isSource(reply.body)) reply.body.pipe(sink);
    peer.send('y'.repeat(size));
    await sink.until(() => sink.size > 0);
    await turns(30);
    expect(sink.size).toBeLessThan(1_000_000);
    sink.open = true;
    if (isSource(reply.body)) reply.body.resume();
    await sink.ended();
    expect([sink.size, sink.text === 'y'.repeat(size)]).toEqual([size, true]);
    clock.advance(100_000);
    expect([rig?.frees, rig?.closes]).toEqual([1, 0]);
  });

  test('ends a body that ends with the connection', async () => {
    const caller = open().send();
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 200 OK\r\n\r\nabc');
    const body = bodyOf(await caller.reply());
    peer.socket.end();
    expect(await body).toBe('abc');
  });

  test('can become a tunnel', async () => {
    const caller = open().send({ upgrade: 'x' });
    const peer = await server.next();
    await peer.until('Upgrade: x\r\n\r\n');
    peer.send('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    const { body } = await caller.reply();
    if (!isTunnel(body)) throw new Error('no tunnel');
    const sink = new RecordingSink();
    body.fromUpstream.pipe(sink);
    body.toUpstream.chunk(Buffer.from('there'));
    await peer.until('there');
    peer.send('back');
    await sink.until(() => sink.text === 'back');
  });

  test.each<[string, DialOptions['tls']]>([
    ['is not signed by anyone known', { servername: 'users.internal' }],
    ['is for another name', { ca: CERTIFICATE, servername: 'orders.internal' }],
  ])('is refused when the certificate %s', async (_, tls) => {
    const caller = open(tls).send();
    expect(await caller.failure()).toEqual({ code: 'upstream_connect', unanswered: false });
  });

  test('is taken as it is when that is asked for', async () => {
    const caller = open({ servername: 'orders.internal', rejectUnauthorized: false }).send();
    const peer = await server.next();
    await peer.until('\r\n\r\n');
    peer.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await caller.reply()).status).toBe(204);
  });
});

test('the handshake is part of the time to connect', async () => {
  const silent = await RawServer.open();
  rig = new ChannelRig(dialing(silent.port, { tls: trusting }));
  const caller = rig.send();
  const peer = await silent.next();
  await peer.until(() => peer.size > 0);
  rig.clock.advance(1200);
  expect(await caller.failure()).toEqual({ code: 'upstream_connect_timeout', unanswered: false });
  await peer.gone();
  await silent.close();
});

test('an upstream that speaks no TLS cannot be reached', async () => {
  const plain = await RawServer.open();
  rig = new ChannelRig(dialing(plain.port, { tls: trusting }));
  const caller = rig.send();
  const peer = await plain.next();
  peer.send('HTTP/1.1 400 Bad Request\r\n\r\n');
  expect((await caller.failure()).code).toBe('upstream_connect');
  await plain.close();
});
