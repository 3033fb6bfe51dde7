import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply } from '../../src/http/reply.ts';
import { turns } from '../support/channels.ts';
import { get } from '../support/connections.ts';
import { ManualSource } from '../support/manual-source.ts';
import { ServerRig } from '../support/servers.ts';

let rig: ServerRig;

afterEach(() => rig.close());

const hello = { routes: [{ id: 'hello', path: '/hello/:name', methods: ['GET', 'PUT'], respond: { body: 'hello' } }] };
const MADE = /^[0-9A-HJKMNP-TV-Z]{22}$/;

const idOf = (head: string) => /\r\nX-Request-ID: ([^\r]*)\r\n/.exec(head)?.[1] ?? '';
const problemOf = (body: string) => JSON.parse(body) as Record<string, unknown>;

describe('A request', () => {
  test('goes to its route, with the parameters of its path', async () => {
    const seen: Exchange[] = [];
    const handler = (exchange: Exchange) => {
      seen.push(exchange);
      return new Reply(200, undefined, 'ok');
    };
    rig = await ServerRig.open({}, { id: 'users', path: '/users/:id', handler });
    expect(await rig.ask(get('/users/7?x=y'))).toMatchObject({ status: 200, body: 'ok' });
    expect(seen[0]).toMatchObject({ routeId: 'users', params: { id: '7' }, target: '/users/7?x=y' });
  });

  test('for which there is no route is answered 404', async () => {
    rig = await ServerRig.open(hello);
    const { status, head, body } = await rig.ask(get('/other'));
    expect([status, problemOf(body)['code'], problemOf(body)['request_id']]).toEqual([404, 'not_found', idOf(head)]);
    expect(rig.compiled.counted()).toEqual([['none GET 4xx', 1]]);
  });

  test('for whose method there is no route is answered 405, with those that there are', async () => {
    rig = await ServerRig.open(hello);
    const { status, head, body } = await rig.ask('POST /hello/you HTTP/1.1\r\nHost: a\r\n\r\n');
    expect([status, problemOf(body)['code']]).toEqual([405, 'method_not_allowed']);
    expect(head).toContain('\r\nAllow: GET, HEAD, PUT\r\n');
  });

  test('about the gateway is answered by the gateway', async () => {
    rig = await ServerRig.open(hello);
    const { status, head } = await rig.ask('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(status).toBe(200);
    expect(head).toMatch(/\r\nAllow: GET, /);
    expect(rig.compiled.counted()).toEqual([['none OPTIONS 2xx', 1]]);
  });

  test('about the gateway that is wrong is answered 400, and counted', async () => {
    rig = await ServerRig.open(hello);
    expect((await rig.ask('OPTIONS * HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n')).status).toBe(400);
    expect(rig.compiled.counted()).toEqual([['none OPTIONS 4xx', 1]]);
  });

  test('that is refused by the engine is counted too', async () => {
    rig = await ServerRig.open(hello);
    const { status, head, body } = await rig.ask(get('/hello/you', 'Expect: tea'));
    expect([status, problemOf(body)['code']]).toEqual([417, 'expectation_failed']);
    expect(idOf(head)).toMatch(MADE);
    expect(rig.compiled.counted()).toEqual([['none GET 4xx', 1]]);
  });

  test('that is none is answered with an id of its own', async () => {
    rig = await ServerRig.open(hello);
    const client = rig.connect('GET / HTTP/1.1\r\n\r\n');
    await client.gone();
    const [head = '', body = ''] = client.text.split('\r\n\r\n');
    expect(idOf(`${head}\r\n`)).toMatch(MADE);
    expect(problemOf(body)).toMatchObject({ code: 'bad_request', detail: 'no Host', request_id: idOf(`${head}\r\n`) });
  });
});

describe('The client’s address', () => {
  const clients: string[] = [];
  const handler = (exchange: Exchange) => {
    clients.push(exchange.clientAddress);
    return new Reply(200);
  };
  const claim = get('/', 'X-Forwarded-For: 203.0.113.66, 192.0.2.1, 127.0.0.9');

  test('is the peer’s, whatever it claims', async () => {
    rig = await ServerRig.open({}, { handler });
    await rig.ask(claim);
    expect(clients.at(-1)).toBe('127.0.0.1');
  });

  test('is the one that trusted proxies tell', async () => {
    rig = await ServerRig.open({ server: { trusted_proxies: ['127.0.0.0/8'] } }, { handler });
    await rig.ask(claim);
    expect(clients.at(-1)).toBe('192.0.2.1');
  });
});

describe('A path', () => {
  const handler = (exchange: Exchange) => new Reply(200, undefined, exchange.target);

  test('is routed and passed on in its one spelling', async () => {
    rig = await ServerRig.open({}, { path: '/a/**', handler });
    expect(await rig.ask(get('/x/../%61/./b?c=/../'))).toMatchObject({ status: 200, body: '/a/b?c=/../' });
    expect((await rig.ask(get('/a/%2e%2e/x'))).status).toBe(404);
  });

  test('that leads out of everything is refused, counted and answered with an id', async () => {
    rig = await ServerRig.open({ routes: [{ id: 'all', path: '/**', respond: {} }] });
    const { status, head, body } = await rig.ask(get('/../x'));
    expect([status, problemOf(body)['code'], problemOf(body)['request_id']]).toEqual([400, 'bad_request', idOf(head)]);
    expect(rig.compiled.counted()).toEqual([['none GET 4xx', 1]]);
  });
});

describe('The request id', () => {
  const ids: string[] = [];
  const handler = (exchange: Exchange) => {
    ids.push(exchange.requestId);
    return new Reply(200);
  };

  test('is made, and told to the client', async () => {
    rig = await ServerRig.open({}, { handler });
    const { head } = await rig.ask(get('/', 'X-Request-ID: mine'));
    expect(idOf(head)).toMatch(MADE);
    expect(ids.at(-1)).toBe(idOf(head));
  });

  test.each([
    ['good.id-1', true],
    ['not an id', false],
    ['', false],
    ['x'.repeat(129), false],
  ])('of a trusted proxy, %j, is kept: %s', async (given, kept) => {
    rig = await ServerRig.open({ server: { trusted_proxies: ['127.0.0.0/8'] } }, { handler });
    const { head } = await rig.ask(get('/', `X-Request-ID: ${given}`));
    expect(idOf(head) === given).toBe(kept);
    expect(ids.at(-1)).toBe(idOf(head));
  });

  test('of an upstream is left as it is', async () => {
    rig = await ServerRig.open({}, { handler: () => new Reply(200, Headers.from([['X-Request-Id', 'theirs']])) });
    const { head } = await rig.ask(get('/'));
    expect(head.match(/x-request-id: [^\r]*/gi)).toEqual(['X-Request-Id: theirs']);
  });
});

describe('A handler', () => {
  test.each([
    ['at once', () => new Reply(200, undefined, 'ok')],
    ['later', () => Promise.resolve(new Reply(200, undefined, 'ok'))],
  ])('may reply %s', async (_, handler) => {
    rig = await ServerRig.open({}, { handler });
    expect(await rig.ask(get('/'))).toMatchObject({ status: 200, body: 'ok' });
  });

  const broken = new GatewayError('upstream_connect', undefined, new Error('ECONNREFUSED 10.0.0.1'));
  test.each([
    ['at once', () => void throwIt(broken)],
    ['later', () => Promise.reject(broken)],
  ])('may fail %s: the client gets what the table says, the log nothing', async (_, handler) => {
    rig = await ServerRig.open({}, { handler: handler as never });
    const { status, body } = await rig.ask(get('/'));
    expect([status, problemOf(body)['code'], body.includes('10.0.0.1')]).toEqual([502, 'upstream_connect', false]);
    expect(rig.log.entries).toEqual([]);
  });

  test.each([
    ['at once', () => void throwIt(new TypeError('our fault in /srv/secret.ts'))],
    ['later', () => Promise.reject(new TypeError('our fault in /srv/secret.ts'))],
  ])('may be wrong %s: the client gets a 500 that says nothing, the log all of it', async (_, handler) => {
    rig = await ServerRig.open({}, { handler: handler as never });
    const { status, head, body } = await rig.ask(get('/'));
    expect([status, problemOf(body)['code'], body.includes('secret')]).toEqual([500, 'internal', false]);
    expect(rig.log.entries).toEqual([
      [
        'error',
        { err: expect.objectContaining({ message: 'our fault in /srv/secret.ts' }), request_id: idOf(head) },
        'a request failed',
      ],
    ]);
  });

  test('that is wrong about its reply costs the connection, not the process', async () => {
    const reply = new Reply(200);
    Object.defineProperty(reply, 'body', { get: () => throwIt(new Error('what body?')) });
    rig = await ServerRig.open({}, { path: '/wrong', handler: () => reply }, { path: '/right', handler: () => new Reply(204) });
    const client = rig.connect(get('/wrong'));
    await client.gone();
    expect(client.left).toBe('reset');
    expect(rig.log.entries[0]).toMatchObject(['error', { err: { message: 'what body?' } }, 'a connection failed']);
    expect((await rig.ask(get('/right'))).status).toBe(204);
  });

  test('that is too late for its client has its body cancelled', async () => {
    const body = new ManualSource();
    let answer = (): void => {};
    rig = await ServerRig.open(
      {},
      { handler: () => new Promise<Reply>((resolve) => (answer = () => resolve(new Reply(200, undefined, body)))) },
    );
    const client = rig.connect(get('/'));
    await rig.open(1);
    await turns();
    client.socket.resetAndDestroy();
    await rig.open(0);
    answer();
    await turns(2);
    expect(body.cancelled).toBe(true);
  });
});

describe('An exchange that is cancelled', () => {
  test('before its reply is answered with the reason', async () => {
    const handler = (exchange: Exchange) => {
      exchange.cancel(new GatewayError('route_timeout'));
      return new Promise<Reply>(() => {});
    };
    rig = await ServerRig.open({}, { handler });
    const { status, body } = await rig.ask(get('/'));
    expect([status, problemOf(body)['code']]).toEqual([504, 'route_timeout']);
  });

  test('while its body streams is cut', async () => {
    const source = new ManualSource();
    let exchange: Exchange | undefined;
    const handler = (one: Exchange) => {
      exchange = one;
      return new Reply(200, undefined, source);
    };
    rig = await ServerRig.open({}, { handler });
    const client = rig.connect(get('/'));
    await client.until('chunked');
    exchange?.cancel(new GatewayError('route_timeout'));
    await client.gone();
    expect([client.left, source.cancelled]).toEqual(['reset', true]);
  });
});

function throwIt(error: Error): never {
  throw error;
}
