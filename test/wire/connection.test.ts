import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/http/exchange.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply } from '../../src/http/reply.ts';
import { turns } from '../support/channels.ts';
import { ConnectionRig, get, post } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let rig: ConnectionRig;

beforeEach(async () => {
  rig = await ConnectionRig.open();
});
afterEach(() => rig.close());

/** The bodies of the default replies, in the order they came. */
const targets = (text: string) => [...text.matchAll(/\r\n\r\n(\/\d)/g)].map(([, target]) => target);

describe('A connection', () => {
  test('serves one request after the other', async () => {
    const client = await rig.connect(get('/1'));
    await client.until('/1');
    client.send(get('/2'));
    await client.until('/2');
    expect(client.text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\nDate: [^\r]+\r\n\r\n\/1HTTP\/1\.1 200 OK\r\n/);
    expect(rig.outcomes).toEqual([
      { status: 200, error: undefined },
      { status: 200, error: undefined },
    ]);
    expect([rig.connections.length, client.left]).toEqual([1, 'open']);
  });

  test('answers requests that came together in their order, however late each answer is', async () => {
    const held: (() => void)[] = [];
    rig.onServe = (exchange, connection) =>
      void held.push(() => connection.reply(exchange, new Reply(200, undefined, exchange.target)));
    const client = await rig.connect(get('/1') + get('/2') + get('/3'));
    for (let at = 0; at < 3; at++) {
      await rig.exchange(at + 1);
      await turns(3);
      expect(rig.exchanges).toHaveLength(at + 1);
      held[at]?.();
    }
    await client.until('/3');
    expect(targets(client.text)).toEqual(['/1', '/2', '/3']);
  });

  test('answers what is good before what is not, then closes', async () => {
    const client = await rig.connect(`${get('/1')}GET /2 HTTP/1.1\r\nHost : a\r\n\r\n${get('/3')}`);
    await client.gone();
    expect(targets(client.text)).toEqual(['/1']);
    expect(client.text).toMatch(/HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n\r\nbad_request$/);
    expect(rig.exchanges.map(({ method, target }) => [method, target])).toEqual([
      ['GET', '/1'],
      ['', ''],
    ]);
  });

  test.each([
    ['a client that says so', get('/', 'Connection: close')],
    ['an HTTP/1.0 client', 'GET / HTTP/1.0\r\n\r\n'],
  ])('closes after the reply to %s', async (_, request) => {
    const client = await rig.connect(request + get('/2'));
    await client.gone();
    expect(client.left).toBe('ended');
    expect(client.text).toContain('\r\nConnection: close\r\n');
    expect(rig.exchanges).toHaveLength(1);
  });

  test('stays for an HTTP/1.0 client that asks for it', async () => {
    const client = await rig.connect('GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    await client.until('/1');
    expect(client.text).toContain('\r\nConnection: keep-alive\r\n');
    client.send('GET /2 HTTP/1.0\r\n\r\n');
    await client.gone();
    expect(targets(client.text)).toEqual(['/1', '/2']);
  });

  test('refuses what is well-formed but not for it as an exchange, and stays', async () => {
    const client = await rig.connect(get('/1', 'Expect: tea'));
    await client.until('expectation_failed');
    client.send(get('/2'));
    await client.until('/2');
    expect(await rig.outcome()).toMatchObject({ status: 417 });
  });

  test('whose service fails is cut, and the others live', async () => {
    const other = await rig.connect();
    rig.onServe = () => {
      throw new Error('a fault');
    };
    const client = await rig.connect(get('/1'));
    await client.gone();
    expect([client.left, client.text]).toEqual(['reset', '']);
    expect(rig.faults).toHaveLength(1);
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, '/ok'));
    other.send(get('/'));
    await other.until('/ok');
  });
});

describe('The body of a request', () => {
  test('reaches who reads it, and the next request follows', async () => {
    const sink = new RecordingSink();
    rig.onServe = (exchange, connection) => {
      exchange.body.pipe({
        chunk: (bytes) => sink.chunk(bytes),
        end: () => connection.reply(exchange, new Reply(200, undefined, exchange.target)),
        fail: () => {},
      });
    };
    const client = await rig.connect(post('/1', 6, 'abc'));
    await sink.until(() => sink.text === 'abc');
    client.send(`def${get('/2')}`);
    await client.until('/2');
    expect([sink.text, targets(client.text)]).toEqual(['abcdef', ['/1', '/2']]);
  });

  test('that nobody reads is thrown away when it is short, and the connection saved', async () => {
    const client = await rig.connect(post('/1', 6, 'abc'));
    await client.until('/1');
    client.send(`def${get('/2')}`);
    await client.until('/2');
    expect(targets(client.text)).toEqual(['/1', '/2']);
  });

  test.each([
    ['is long', post('/1', 1_000_000, 'abc')],
    ['has no known length', 'POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ])('that nobody reads costs the connection when it %s', async (_, request) => {
    const client = await rig.connect(request);
    await client.gone();
    expect(client.left).toBe('ended');
    expect(client.text).toMatch(/Connection: close\r\n\r\n\/1$/);
  });

  test('that is refused in full does not take the reply away from a client that goes on sending', async () => {
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(413, undefined, 'too much'));
    const client = await rig.connect(post('/', 50_000_000));
    // More than the buffers of both kernels hold: it must be read for the client to get to the reply.
    client.send('x'.repeat(20_000_000));
    await client.until('too much');
    await client.gone();
    expect(client.left).toBe('ended');
  });

  test('with broken chunks is answered 400, and the connection closed', async () => {
    rig.onServe = (exchange) => exchange.body.pipe(new RecordingSink());
    const client = await rig.connect('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz');
    await client.gone();
    expect(client.text).toMatch(/^HTTP\/1\.1 400 [\s\S]*Connection: close\r\n\r\nbad_request$/);
    expect(rig.exchanges[0]?.cancelError?.code).toBe('bad_request');
  });

  test('with broken chunks behind the head of its reply is cut', async () => {
    const sink = new RecordingSink();
    rig.onServe = (exchange, connection) => {
      connection.reply(exchange, new Reply(200, undefined, new ManualSource()));
      exchange.body.pipe(sink);
    };
    const client = await rig.connect('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n');
    await sink.until(() => sink.text === 'a');
    client.send('xyz');
    await client.gone();
    expect(client.left).toBe('reset');
    expect(await rig.outcome()).toMatchObject({ status: 200, error: { code: 'bad_request' } });
    expect(sink.ends).toHaveLength(1);
  });

  test('of which the next request came along waits for its turn, and what comes is bounded', async () => {
    const serve = rig.onServe;
    rig.onServe = () => {};
    const client = await rig.connect(get('/1'));
    await rig.exchange();
    let all = false;
    void client.sent(get('/2').repeat(500_000)).then(() => {
      all = true;
    });
    await turns(100);
    expect([all, rig.exchanges.length, rig.connections[0]?.socket.isPaused()]).toEqual([false, 1, true]);
    rig.onServe = serve;
    rig.connections[0]?.reply(rig.exchanges[0] as Exchange, new Reply(200, undefined, '/1'));
    await rig.exchange(5000);
    expect(rig.connections[0]?.socket.destroyed).toBe(false);
  });
});

describe('Interim replies', () => {
  test('100 is sent when the body is wanted', async () => {
    let wanted = (): void => {};
    rig.onServe = (exchange, connection) => {
      wanted = () =>
        exchange.body.pipe({
          chunk: () => true,
          end: () => connection.reply(exchange, new Reply(200, undefined, '/done')),
          fail: () => {},
        });
    };
    const client = await rig.connect('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
    await rig.exchange();
    await turns();
    expect(client.text).toBe('');
    wanted();
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    await client.until('/done');
  });

  test('100 is not sent any more when the reply has begun', async () => {
    const source = new ManualSource();
    let wanted = (): void => {};
    rig.onServe = (exchange, connection) => {
      connection.reply(exchange, new Reply(200, undefined, source));
      wanted = () => exchange.body.pipe(new RecordingSink());
    };
    const client = await rig.connect('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
    await client.until('200 OK');
    wanted();
    source.send('abc');
    await client.until('abc');
    expect(client.text).not.toContain('100 Continue');
  });

  test('100 is not sent with the final reply, and the connection closes: what comes next could be the body', async () => {
    const client = await rig.connect('POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n');
    await client.gone();
    expect(client.text).not.toContain('100 Continue');
    expect(client.text).toContain('\r\nConnection: close\r\n');
  });

  test.each([
    ['1.1', 'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200'],
    ['1.0', 'HTTP/1.1 200'],
  ])('others go out at once, to HTTP/%s clients %j', async (version, text) => {
    rig.onServe = (exchange, connection) => {
      exchange.informational(103, Headers.from([['Link', 'a']]));
      connection.reply(exchange, new Reply(200));
      exchange.informational(103);
    };
    const client = await rig.connect(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
    await client.until('200 OK');
    await turns();
    expect(client.text.startsWith(text)).toBe(true);
    expect(client.text.match(/103/g)?.length ?? 0).toBe(version === '1.1' ? 1 : 0);
  });
});

describe('A reply', () => {
  test('counts once: the body of a second one is cancelled', async () => {
    const late = new ManualSource();
    rig.onServe = (exchange, connection) => {
      connection.reply(exchange, new Reply(200, undefined, '/first'));
      connection.reply(exchange, new Reply(200, undefined, '/second'));
      connection.reply(exchange, new Reply(200, undefined, late));
    };
    const client = await rig.connect(get('/'));
    await client.until('/first');
    await turns();
    expect([client.text.includes('/second'), late.cancelled]).toEqual([false, true]);
  });

  test.each([
    ['bytes', () => new Uint8Array(Buffer.from('bytes'))],
    ['text', () => 'bytes'],
  ])('may be %s', async (_, body) => {
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, body()));
    const client = await rig.connect(get('/'));
    await client.until(/Content-Length: 5\r\n[\s\S]*\r\n\r\nbytes$/);
  });

  test('to HEAD leaves its body out, and a source of it is cancelled', async () => {
    const source = new ManualSource(5);
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until(/Content-Length: 5\r\n[\s\S]*\r\n\r\n$/);
    expect(source.asked).toEqual(['cancel']);
    expect(await rig.outcome()).toEqual({ status: 200, error: undefined });
  });

  test('streams as its source does, trailers too', async () => {
    const source = new ManualSource();
    rig.onServe = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, source));
    const client = await rig.connect(get('/'));
    await client.until('Transfer-Encoding: chunked\r\n');
    source.send('abc');
    await client.until('3\r\nabc\r\n');
    expect(rig.outcomes).toEqual([]);
    source.end(Headers.from([['X-T', '1']]));
    await client.until('0\r\nX-T: 1\r\n\r\n');
    expect(await rig.outcome()).toEqual({ status: 200, error: undefined });
  });
});
