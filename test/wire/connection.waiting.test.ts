import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { turns } from '../support/channels.ts';
import { ConnectionRig, get, LATE, post } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let rig: ConnectionRig;

beforeEach(async () => {
  rig = await ConnectionRig.open();
});
afterEach(() => rig.close());

const KB = 1024;

async function streamTo(client: RawPeer, source: ManualSource): Promise<number> {
  client.socket.pause();
  let sent = 0;
  for (let full = 0; full < 10; ) {
    full = source.send('x'.repeat(1000 * KB)) ? 0 : full + 1;
    sent += 1000 * KB;
    await turns(2);
  }
  return sent;
}

describe('A connection waits', () => {
  test('so long for its first request, then closes without a word', async () => {
    const client = await rig.connect();
    rig.clock.advance(900);
    expect(client.left).toBe('open');
    rig.clock.advance(100 + LATE);
    await client.gone();
    expect([client.text, client.left]).toEqual(['', 'ended']);
  });

  test('so long for a whole first head, from when it was accepted', async () => {
    const client = await rig.connect();
    rig.clock.advance(900);
    client.send('GET / HT');
    await turns();
    rig.clock.advance(100 + LATE);
    await client.gone();
    expect(client.text).toMatch(/^HTTP\/1\.1 408 [\s\S]*Connection: close\r\n\r\nrequest_timeout$/);
    expect(rig.exchanges.map(({ method }) => method)).toEqual(['']);
  });

  test('so long for a whole further head, from its first byte, however it drips', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    rig.clock.advance(2900);
    for (const piece of ['G', 'E', 'T', ' ']) {
      client.send(piece);
      await turns();
      expect(client.text).not.toContain('408');
      rig.clock.advance(280);
    }
    await client.gone();
    expect(client.text).toContain('HTTP/1.1 408');
  });

  test('so long for another request, then closes without a word', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    const { text } = client;
    rig.clock.advance(2900);
    client.send('\r\n');
    await turns();
    expect(client.left).toBe('open');
    rig.clock.advance(100 + LATE);
    await client.gone();
    expect([client.text, client.left]).toEqual([text, 'ended']);
  });

  test('so long for each piece of a body that somebody reads, and answers 408', async () => {
    const sink = new RecordingSink();
    rig.onServe = (exchange) => exchange.body.pipe(sink);
    const client = await rig.connect(post('/1', 9, 'abc'));
    await sink.until(() => sink.text === 'abc');
    rig.clock.advance(1900);
    client.send('def');
    await sink.until(() => sink.text === 'abcdef');
    rig.clock.advance(1900);
    expect(rig.outcomes).toEqual([]);
    rig.clock.advance(100 + LATE);
    await client.gone();
    expect(client.text).toMatch(/^HTTP\/1\.1 408 [\s\S]*Connection: close\r\n\r\nrequest_timeout$/);
    expect(sink.error).toMatchObject({ code: 'request_timeout' });
  });

  test('so long for each piece of a body, and cuts when the reply has begun', async () => {
    const sink = new RecordingSink();
    rig.onServe = (exchange, connection) => {
      exchange.body.pipe(sink);
      connection.reply(exchange, new Reply(200, undefined, new ManualSource()));
    };
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('200 OK');
    rig.clock.advance(2000 + LATE);
    await client.gone();
    expect(client.left).toBe('reset');
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code: 'request_timeout' } });
  });

  test('for ever while nobody reads the body, or takes it slowly, or the reply is due', async () => {
    const sink = new RecordingSink();
    sink.open = false;
    rig.onServe = () => {};
    const client = await rig.connect(post('/1', 9, 'abc'));
    const exchange = await rig.exchange();
    rig.clock.advance(100_000);
    exchange.body.pipe(sink);
    rig.clock.advance(100_000);
    sink.open = true;
    exchange.body.resume();
    client.send('defghi');
    await sink.ended();
    rig.clock.advance(100_000);
    expect([rig.outcomes, sink.text]).toEqual([[], 'abcdefghi']);
  });

  test('so long for the rest of a body that it throws away', async () => {
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('/1');
    rig.clock.advance(2000 + LATE);
    await client.gone();
    expect(client.left).toBe('ended');
  });

  test('so long for the rest of a body that it throws away, also behind a reply that was taken slowly', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('chunked');
    await streamTo(client, source);
    source.end();
    expect(rig.outcomes).toHaveLength(1);
    client.socket.resume();
    await client.endsWith('0\r\n\r\n');
    await turns();
    rig.clock.advance(2000 + LATE);
    await client.gone();
  });

  test('so long for each piece of a body that somebody reads, also behind a reply that was taken slowly', async () => {
    const source = new ManualSource();
    const sink = new RecordingSink();
    rig.onServe = (exchange, connection) => {
      connection.reply(exchange, new Reply(200, undefined, source));
      exchange.body.pipe(sink);
    };
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('chunked');
    const sent = await streamTo(client, source);
    client.socket.resume();
    await client.until(() => client.size > sent);
    await turns();
    rig.clock.advance(2000 + LATE);
    await client.gone();
    expect(await rig.outcome()).toMatchObject({ error: { code: 'request_timeout' } });
  });
});

describe('A client that does not read', () => {
  test('is cut after a while, and the source cancelled', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    await streamTo(client, source);
    rig.clock.advance(1900);
    expect(source.cancelled).toBe(false);
    rig.clock.advance(100 + LATE);
    expect(source.cancelled).toBe(true);
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code: 'client_gone' } });
    expect(rig.closes).toBe(1);
  });

  test('but does again in time is not', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    const sent = await streamTo(client, source);
    rig.clock.advance(1900);
    client.socket.resume();
    await client.until(() => client.size > sent);
    await turns();
    rig.clock.advance(100_000);
    expect([source.cancelled, rig.closes]).toEqual([false, 0]);
  });

  test('whose last reply is still on its way is cut after a while', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.until('chunked');
    await streamTo(client, source);
    source.end();
    expect(await rig.outcome()).toEqual({ status: 200, error: undefined });
    rig.clock.advance(2000 + LATE);
    expect(rig.closes).toBe(1);
  });

  test('and asks on and on is not read any further, and cut after a while', async () => {
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, 'x'.repeat(16 * KB)));
    const client = await rig.connect();
    client.socket.pause();
    client.send(get('/').repeat(20_000));
    await rig.until(() => rig.exchanges.length > 100, 'many exchanges');
    let before = -1;
    while (before !== rig.exchanges.length) {
      before = rig.exchanges.length;
      await turns(50);
    }
    expect(before).toBeLessThan(20_000);
    rig.clock.advance(2000 + LATE);
    expect(rig.closes).toBe(1);
  });

  test('and asks on and on gets every reply once it reads', async () => {
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, 'x'.repeat(16 * KB)));
    const client = await rig.connect();
    client.socket.pause();
    client.send(get('/').repeat(1500));
    await rig.until(() => rig.exchanges.length > 100, 'many exchanges');
    await turns(50);
    client.socket.resume();
    await rig.exchange(1500);
    await client.until(() => client.size > 1500 * 16 * KB);
    client.send(get('/last', 'Connection: close'));
    await client.gone();
    expect([rig.outcomes.length, client.left]).toEqual([1501, 'ended']);
  });
});
