import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { Reply } from '../../src/http/reply.ts';
import { turns } from '../support/channels.ts';
import { ConnectionRig, get, LATE, post } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let rig: ConnectionRig;

beforeEach(async () => {
  rig = await ConnectionRig.open();
});
afterEach(() => rig.close());

const hold = () => {};

/** Replies with a body that the test sends. */
function replyWith(source: ManualSource): void {
  rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
}

const KB = 1024;

describe('A client that goes away', () => {
  test('between requests leaves nothing', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    client.socket.destroy();
    await rig.closedAll();
    rig.clock.advance(1000);
    expect([rig.outcomes.length, rig.wheel.size, rig.clock.pending]).toEqual([1, 0, 0]);
  });

  test('while its reply is due ends the exchange, once, with 499', async () => {
    rig.onServe = hold;
    const client = await rig.connect(get('/1'));
    const exchange = await rig.exchange();
    client.socket.resetAndDestroy();
    expect(await rig.outcome()).toMatchObject({ status: 499, error: { code: 'client_gone' } });
    expect(exchange.cancelError?.code).toBe('client_gone');
    const late = new ManualSource();
    rig.connections[0]?.reply(exchange, new Reply(200, undefined, late));
    expect([late.cancelled, rig.outcomes.length]).toEqual([true, 1]);
  });

  test('while its reply is due is no use for a tunnel either', async () => {
    rig.onServe = hold;
    const client = await rig.connect(get('/1', 'Connection: upgrade', 'Upgrade: x'));
    const exchange = await rig.exchange();
    client.socket.resetAndDestroy();
    await rig.outcome();
    const fromUpstream = new ManualSource();
    const toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined });
    rig.connections[0]?.reply(exchange, new Reply(101, undefined, { fromUpstream, toUpstream }));
    expect(fromUpstream.cancelled).toBe(true);
  });

  test('while its reply streams cancels the source', async () => {
    const source = new ManualSource();
    replyWith(source);
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    client.socket.resetAndDestroy();
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code: 'client_gone' } });
    expect(source.cancelled).toBe(true);
  });

  test.each(['resetAndDestroy', 'end'] as const)('in the middle of its body (%s) tells who reads it', async (way) => {
    const sink = new RecordingSink();
    rig.onServe = (exchange) => exchange.body.pipe(sink);
    const client = await rig.connect(post('/1', 9, 'abc'));
    await sink.until(() => sink.text === 'abc');
    client.socket[way]();
    await sink.ended();
    expect(sink.error).toMatchObject({ code: 'client_gone' });
    expect(await rig.outcome()).toMatchObject({ status: 499 });
  });

  test('in the middle of a head is nobody’s business', async () => {
    const client = await rig.connect('GET / HT');
    await turns();
    client.socket.end();
    await client.gone();
    expect([client.text, client.left, rig.exchanges.length]).toEqual(['', 'ended', 0]);
  });
});

describe('A client that closes its sending half', () => {
  test('gets the replies to all it has asked', async () => {
    const held: (() => void)[] = [];
    rig.onServe = (exchange, connection) =>
      void held.push(() => connection.reply(exchange, new Reply(200, undefined, exchange.target)));
    const client = await rig.connect(get('/1') + get('/2'));
    client.socket.end();
    await rig.exchange(1);
    await turns();
    held[0]?.();
    await rig.exchange(2);
    await turns();
    held[1]?.();
    await client.gone();
    expect(client.text).toMatch(/\r\n\r\n\/1HTTP[\s\S]*\r\n\r\n\/2$/);
    expect(client.left).toBe('ended');
  });

  test('gets a long reply whole', async () => {
    const source = new ManualSource();
    replyWith(source);
    const client = await rig.connect(get('/1'));
    client.socket.end();
    await client.until('chunked');
    for (let piece = 0; piece < 5; piece++) {
      source.send('x'.repeat(10 * KB));
      await turns(2);
      rig.clock.advance(900);
    }
    source.end();
    await client.gone();
    expect(client.text.endsWith('0\r\n\r\n')).toBe(true);
    expect(await rig.outcome()).toEqual({ status: 200, error: undefined });
  });

  test('and gets nothing for a while is taken for gone', async () => {
    rig.onServe = hold;
    const client = await rig.connect(get('/1'));
    await rig.exchange();
    client.socket.end();
    await turns();
    rig.clock.advance(900);
    expect(rig.outcomes).toEqual([]);
    rig.clock.advance(100 + LATE);
    expect(rig.outcomes).toMatchObject([{ status: 499, error: { code: 'client_gone' } }]);
  });

  test('behind a body that nobody has read yet has sent it whole', async () => {
    const client = await rig.connect();
    rig.onServe = hold;
    client.send(post('/1', 3, 'abc'));
    const exchange = await rig.exchange();
    client.socket.end();
    await turns();
    const sink = new RecordingSink();
    exchange.body.pipe(sink);
    rig.connections[0]?.reply(exchange, new Reply(200, undefined, '/ok'));
    await client.until('/ok');
    expect([sink.text, sink.ends]).toEqual(['abc', ['end']]);
  });

  test('behind a part of a body that nobody has read yet is gone when it turns out', async () => {
    rig.onServe = hold;
    const client = await rig.connect(post('/1', 9, 'abc'));
    const exchange = await rig.exchange();
    await turns();
    client.socket.end();
    await turns();
    const sink = new RecordingSink();
    exchange.body.pipe(sink);
    expect(sink.error).toMatchObject({ code: 'client_gone' });
    expect(await rig.outcome()).toMatchObject({ status: 499 });
  });
});

describe('A reply that breaks off', () => {
  test.each<[string, number, (source: ManualSource) => void, string]>([
    ['because its source does', -1, (source) => source.fail(new GatewayError('upstream_reset')), 'upstream_reset'],
    ['because of something unforeseen', -1, (source) => source.fail(new Error('what?')), 'upstream_invalid_reply'],
    ['too short', 9, (source) => source.end(), 'upstream_invalid_reply'],
    ['too long', 4, (source) => source.send('abcdef'), 'upstream_invalid_reply'],
  ])('%s is cut, and never looks whole', async (_, length, way, code) => {
    const source = new ManualSource(length);
    replyWith(source);
    const client = await rig.connect(get('/1'));
    await client.until('200 OK');
    source.send('abc');
    await client.until('abc');
    const { sink } = source;
    way(source);
    await client.gone();
    expect(client.left).toBe('reset');
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code } });
    expect(source.cancelled).toBe(true);
    sink?.end();
    expect(rig.outcomes).toHaveLength(1);
  });

  test('at once is cut before anything of it was sent', async () => {
    const source = new ManualSource();
    source.onPipe = () => source.fail(new GatewayError('upstream_reset'));
    replyWith(source);
    const client = await rig.connect(get('/1'));
    await client.gone();
    expect([client.left, client.text]).toEqual(['reset', '']);
  });

  test('until the connection closes is cut too: an orderly end would make it whole', async () => {
    const source = new ManualSource();
    replyWith(source);
    const client = await rig.connect('GET / HTTP/1.0\r\n\r\n');
    await client.until('200 OK');
    source.send('abc');
    await client.until('abc');
    source.fail(new GatewayError('upstream_reset'));
    await client.gone();
    expect(client.left).toBe('reset');
  });
});

describe('An exchange that is cancelled', () => {
  test('before its reply is answered, and the connection stays', async () => {
    rig.onServe = hold;
    const client = await rig.connect(get('/1') + get('/2'));
    (await rig.exchange()).cancel(new GatewayError('route_timeout'));
    await client.until('route_timeout');
    await rig.exchange(2);
    expect(await rig.outcome()).toMatchObject({ status: 504 });
  });

  test('while its body is sent stops that', async () => {
    rig.onServe = (exchange) => exchange.body.pipe(sink);
    const sink = new RecordingSink();
    const client = await rig.connect(post('/1', 9_000_000, 'abc'));
    await sink.until(() => sink.text === 'abc');
    rig.exchanges[0]?.cancel(new GatewayError('route_timeout'));
    client.send('def');
    await client.gone();
    expect([client.left, sink.text]).toEqual(['ended', 'abc']);
    expect(client.text).toMatch(/^HTTP\/1\.1 504 [\s\S]*route_timeout$/);
  });

  test('while its reply streams is cut, and the source cancelled', async () => {
    const source = new ManualSource();
    replyWith(source);
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    rig.exchanges[0]?.cancel(new GatewayError('route_timeout'));
    await client.gone();
    expect([client.left, source.cancelled]).toEqual(['reset', true]);
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code: 'route_timeout' } });
  });

  test('when it is over cuts nobody: the connection may serve another', async () => {
    const client = await rig.connect(get('/1'));
    const first = await rig.exchange();
    await client.until('/1');
    rig.onServe = hold;
    client.send(get('/2'));
    await rig.exchange(2);
    rig.connections[0]?.cut(first, new GatewayError('route_timeout'));
    rig.connections[0]?.reply(first, new Reply(200, undefined, 'not for you'));
    await turns();
    expect([client.left, client.text.includes('not for you')]).toEqual(['open', false]);
  });
});

describe('Backpressure', () => {
  test('has the source wait for a client that does not read, and go on with it', async () => {
    const source = new ManualSource();
    replyWith(source);
    const client = await rig.connect(get('/1'));
    await client.until('chunked');
    client.socket.pause();
    let sent = 0;
    for (let full = 0; full < 10; ) {
      full = source.send('x'.repeat(1000 * KB)) ? 0 : full + 1;
      sent += 1000 * KB;
      await turns(2);
    }
    const before = source.resumes;
    client.socket.resume();
    await client.until(() => client.size > sent);
    await turns();
    expect(source.resumes).toBe(before + 1);
    source.end();
    await client.endsWith('0\r\n\r\n');
    expect(await rig.outcome()).toEqual({ status: 200, error: undefined });
  });

  test('stops a client whose body is taken slowly, and a consumer that cancels then sets it going', async () => {
    const sink = new RecordingSink();
    sink.open = false;
    rig.onServe = (exchange) => exchange.body.pipe(sink);
    const client = await rig.connect(post('/1', 50_000, 'abc'));
    const exchange = await rig.exchange();
    await sink.until(() => sink.text === 'abc');
    client.send('d'.repeat(49_997));
    await turns();
    const socket = rig.connections[0]?.socket;
    expect([socket?.isPaused(), sink.text]).toEqual([true, 'abc']);
    exchange.body.cancel();
    expect(socket?.isPaused()).toBe(false);
    rig.onServe = (next, connection) => connection.reply(next, new Reply(200, undefined, '/next'));
    rig.connections[0]?.reply(exchange, new Reply(200, undefined, '/ok'));
    client.send(get('/2'));
    await client.until('/next');
    expect(sink.text).toBe('abc');
  });
});
