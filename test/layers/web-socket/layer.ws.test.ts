import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { soon } from '../../support/channels.ts';
import { masked } from '../../support/web-socket-frames.ts';
import { Served } from './served.ts';

let served: Served | undefined;
afterEach(() => served?.close());

async function open(...given: Parameters<typeof Served.open>): Promise<Served> {
  served = await Served.open(...given);
  return served;
}

const sha1 = (...data: Buffer[]) => data.reduce((hash, one) => hash.update(one), createHash('sha1')).digest('hex');

describe('Between a client and a server that others have written', () => {
  test.each([
    ['without compression', false],
    ['with compression', { threshold: 0 }],
  ])('messages pass, %s', async (_, perMessageDeflate) => {
    const { pair } = bound(await open({}, { perMessageDeflate }));
    const [client, upstream] = await pair([], { perMessageDeflate });
    upstream.socket.on('message', (data, binary) => upstream.socket.send(data, { binary }));
    const sent = [
      'hello',
      '',
      'grüße €',
      'x'.repeat(125),
      'x'.repeat(126),
      'x'.repeat(65_535),
      'x'.repeat(65_536),
      'ab'.repeat(200_000),
    ];
    for (const text of sent) client.socket.send(text);
    for (const text of sent) client.socket.send(Buffer.from(text));
    await client.until(({ messages }) => messages.length === 2 * sent.length);
    expect(client.texts).toEqual([...sent, ...sent]);
    expect(client.messages.map(({ binary }) => binary)).toEqual([...sent.map(() => false), ...sent.map(() => true)]);
    expect(client.socket.extensions).toBe(perMessageDeflate === false ? '' : 'permessage-deflate');
  });

  test('fragments and pings pass', async () => {
    const { pair } = bound(await open());
    const [client, upstream] = await pair();
    for (const [text, fin] of [
      ['one ', false],
      ['two ', false],
      ['', false],
      ['three', true],
    ] as const)
      client.socket.send(text, { fin });
    client.socket.ping('from the client');
    upstream.socket.ping('from the upstream');
    await upstream.until(({ messages, pongs, pings }) => messages.length + pongs.length + pings.length === 3);
    await client.until(({ pongs, pings }) => pongs.length + pings.length === 2);
    expect([upstream.texts, upstream.pings, upstream.pongs]).toEqual([
      ['one two three'],
      ['from the client'],
      ['from the upstream'],
    ]);
    expect([client.pings, client.pongs]).toEqual([['from the upstream'], ['from the client']]);
  });

  test('a message of 64 MB streams through in fragments, both ways', async () => {
    const { pair } = bound(await open({}, { maxPayload: 0 }));
    const [client, upstream] = await pair([], { maxPayload: 0 });
    const part = Buffer.alloc(1024 * 1024, 'sixteen bytes ok');
    upstream.socket.on('message', (data) => upstream.socket.send(data));
    for (let count = 1; count <= 64; count++) client.socket.send(part, { fin: count === 64 });
    await client.until(({ messages }) => messages.length === 1);
    const [message] = client.messages;
    expect(message?.data.length).toBe(64 * part.length);
    expect(sha1(message?.data as Buffer)).toBe(sha1(...Array.from({ length: 64 }, () => part)));
  });

  test.each([
    [1000, ''],
    [1001, 'moving on'],
    [1011, 'x'.repeat(123)],
    [3000, 'registered'],
    [4999, 'grüße'],
  ])('code %i comes through whoever closes, with its reason', async (code, reason) => {
    const { pair } = bound(await open());
    for (const by of ['client', 'upstream'] as const) {
      const [client, upstream] = await pair();
      (by === 'client' ? client : upstream).socket.close(code, reason);
      expect([(await client.gone()).closed, (await upstream.gone()).closed]).toEqual([
        [code, reason],
        [code, reason],
      ]);
      expect([client.errors, upstream.errors]).toEqual([[], []]);
    }
    expect((served as Served).series('gateway_websocket_closes_total').map(([{ by }]) => by)).toEqual(['client', 'upstream']);
  });

  test('a close without a code comes through as that', async () => {
    const { pair } = bound(await open());
    const [client, upstream] = await pair();
    client.socket.close();
    expect([(await client.gone()).closed, (await upstream.gone()).closed]).toEqual([
      [1005, ''],
      [1005, ''],
    ]);
  });

  test('an end that breaks off breaks off for the other', async () => {
    const { pair } = bound(await open());
    const [client, upstream] = await pair();
    client.socket.terminate();
    expect((await upstream.gone()).closed?.[0]).toBe(1006);
    const [other, behind] = await pair();
    behind.socket.terminate();
    expect((await other.gone()).closed?.[0]).toBe(1006);
  });
});

describe('Its limits', () => {
  test.each(['client', 'upstream'] as const)('end it with 1009 when a message of the %s is too large', async (by) => {
    const { pair } = bound(await open({ max_message_size: 1000 }));
    const [client, upstream] = await pair();
    const [sender, receiver] = by === 'client' ? [client, upstream] : [upstream, client];
    sender.socket.send('x'.repeat(1000));
    sender.socket.send('x'.repeat(1001));
    sender.socket.send('for nobody');
    const reason = 'a message of more than 1000 bytes';
    expect([(await sender.gone()).closed, (await receiver.gone()).closed]).toEqual([
      [1009, reason],
      [1009, reason],
    ]);
    expect(receiver.texts).toEqual(['x'.repeat(1000)]);
  });

  test('count what is compressed as it is compressed', async () => {
    const perMessageDeflate = { threshold: 0 };
    const { pair } = bound(await open({ max_message_size: 1000 }, { perMessageDeflate }));
    const [client, upstream] = await pair([], { perMessageDeflate });
    client.socket.send('x'.repeat(50_000));
    await upstream.until(({ messages }) => messages.length === 1);
    expect(upstream.texts[0]).toHaveLength(50_000);
  });

  test('of time end it with 1008', async () => {
    const { pair, rig } = bound(await open({ timeout: '10s', idle_timeout: '3s' }));
    const [client, upstream] = await pair();
    rig.clock.advance(2900);
    client.socket.ping();
    await client.until(({ pongs }) => pongs.length === 1);
    rig.clock.advance(2900);
    expect(client.closed).toBeUndefined();
    rig.clock.advance(300);
    const told = [1008, 'idle for longer than this route allows'];
    expect([(await client.gone()).closed, (await upstream.gone()).closed]).toEqual([told, told]);
    await rig.open(0);
  });
});

describe('What breaks the protocol', () => {
  test('ends it: the client hears 1002, the upstream 1001', async () => {
    const { pair } = bound(await open());
    const [client, upstream] = await pair();
    const raw = (client.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    raw.write(Buffer.concat([masked({ opcode: 1, payload: 'fine' }), masked({ opcode: 1, rsv: 0x20, payload: 'not so' })]));
    expect((await client.gone()).closed).toEqual([1002, 'reserved bits are set']);
    expect((await upstream.gone()).closed).toEqual([1001, 'the client has broken the protocol']);
    expect(upstream.texts).toEqual(['fine']);
  });

  test('by an upstream ends it with 1014 for the client', async () => {
    const { pair } = bound(await open());
    const [client, upstream] = await pair();
    const raw = (upstream.socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    raw.write(masked({ opcode: 1, payload: 'masked' }));
    expect((await upstream.gone()).closed).toEqual([1002, 'a frame is masked']);
    expect((await client.gone()).closed).toEqual([1014, 'the upstream has broken the protocol']);
  });
});

test('On shutdown every connection is closed with 1001, and all are gone', async () => {
  const { pair, draining, rig } = bound(await open());
  const pairs = await Promise.all([pair(), pair(), pair()]);
  draining.announce();
  for (const [client] of pairs) expect((await client.gone()).closed).toEqual([1001, 'the gateway is shutting down']);
  for (const end of (served as Served).ends) expect((await end.gone()).closed).toEqual([1001, 'the gateway is shutting down']);
  await rig.open(0);
  await soon(() => (served as Served).series('gateway_websocket_connections_active')[0]?.[1] === 0);
  const late = await (served as Served).connect().opened();
  expect(late.status).toBe(503);
});

test('A server that declines says so itself', async () => {
  const { connect } = bound(await open({}, { verifyClient: (_, answer) => answer(false, 418, 'No') }));
  const client = await connect().opened();
  expect([client.status, client.socket.readyState === WebSocket.OPEN]).toEqual([418, false]);
});

function bound(from: Served) {
  return { pair: from.pair.bind(from), connect: from.connect.bind(from), rig: from.rig, draining: from.draining };
}
