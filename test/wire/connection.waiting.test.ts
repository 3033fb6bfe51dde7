import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Reply } from '../../src/http/reply.ts';
import { DRAIN_GRACE } from '../../src/wire/connection-state.ts';
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
    expect(client.text).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close\r\n\r\nrequest_timeout$/);
    expect(rig.exchanges).toEqual([]);
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
    expect(client.text).toMatch(/^HTTP\/1\.1 408 [^]*Connection: close\r\n\r\nrequest_timeout$/);
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
    await client.until(/0\r\n\r\n$/);
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

describe('The end of a connection', () => {
  test('waits for a client that does not close its half, a while and no longer', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    await turns();
    expect(rig.closes).toBe(0);
    rig.clock.advance(2000 + LATE);
    expect(rig.closes).toBe(1);
  });

  test('is at once when both have closed', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    client.socket.end();
    await rig.closedAll();
    rig.clock.advance(1000);
    expect([rig.wheel.size, rig.clock.pending]).toEqual([0, 0]);
  });

  test('comes for a client that sends on and on as well', async () => {
    const client = await rig.connect(get('/1', 'Connection: close'));
    await client.gone();
    for (let second = 0; second < 40 && rig.closes === 0; second++) {
      client.send('more');
      await turns(3);
      rig.clock.advance(1000);
    }
    expect(rig.closes).toBe(1);
  });
});

describe('A drain', () => {
  const drain = () => {
    rig.draining = true;
    for (const connection of rig.connections) connection.drain();
  };

  test('closes an idle connection, used or fresh, after a moment for what is on its way', async () => {
    const idle = await rig.connect(get('/1'));
    await idle.until('/1');
    const fresh = await rig.connect();
    drain();
    rig.clock.advance(DRAIN_GRACE + LATE);
    await idle.gone();
    await fresh.gone();
    expect([idle.left, fresh.left]).toEqual(['ended', 'ended']);
  });

  test('serves a request that was on its way to an idle connection, and closes behind it', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    drain();
    client.send(get('/2'));
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/2$/);
  });

  test('lets a busy one finish, and says that it closes', async () => {
    const held: (() => void)[] = [];
    rig.onServe = (exchange, connection) => void held.push(() => connection.reply(exchange, new Reply(200, undefined, '/done')));
    const client = await rig.connect(get('/1') + get('/2'));
    await rig.exchange();
    drain();
    await turns();
    expect(client.left).toBe('open');
    held[0]?.();
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/done$/);
    expect([client.left, rig.exchanges.length]).toEqual(['ended', 1]);
  });

  test('lets a reply that streams finish', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    drain();
    source.send('abc');
    source.end();
    await client.gone();
    expect([client.left, client.text.endsWith('0\r\n\r\n')]).toEqual(['ended', true]);
  });

  test('serves a request whose head has begun, and closes behind it', async () => {
    const client = await rig.connect('GET /1 HTTP/1.1\r\n');
    await turns();
    drain();
    client.send('Host: a\r\n\r\n');
    await client.gone();
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/1$/);
  });

  test('closes one whose rest of a body is thrown away, as soon as that is done', async () => {
    const client = await rig.connect(post('/1', 9, 'abc'));
    await client.until('/1');
    drain();
    client.send('defghi');
    await client.gone();
    expect(client.left).toBe('ended');
  });
});
