import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CODINGS, type Coding } from '../../src/layers/compression/config.ts';
import { decoded, decodedSoFar } from '../support/decoders.ts';
import { gatewayDocument, type RunningGateway, startGateway } from '../support/gateway.ts';

const JSON_TEXT = JSON.stringify(Array.from({ length: 20_000 }, (_, id) => ({ id, name: `user ${id}` })));
const SMALL = JSON_TEXT.slice(0, 4000);
const TYPE = { 'Content-Type': 'application/json' };

/** What tests and the origin tell each other. */
const signals = new EventEmitter();

const ANSWERS: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse) => void>> = {
  '/small': (req, res) => {
    if (req.headers['if-none-match'] === 'W/"small"') res.writeHead(304, { ETag: '"small"' }).end();
    else res.writeHead(200, { ...TYPE, ETag: '"small"', 'Accept-Ranges': 'bytes', 'Content-Length': SMALL.length }).end(SMALL);
  },
  '/large': (_, res) => res.writeHead(200, { ...TYPE, 'Content-Length': JSON_TEXT.length }).end(JSON_TEXT),
  '/chunked': (_, res) => {
    res.writeHead(200, { ...TYPE, Trailer: 'X-End' });
    for (let at = 0; at < JSON_TEXT.length; at += 10_000) res.write(JSON_TEXT.slice(at, at + 10_000));
    res.addTrailers({ 'X-End': 'whole' });
    res.end();
  },
  '/events': (_, res) => {
    res.writeHead(200, { 'Content-Type': 'text/event-stream' });
    res.flushHeaders();
    signals.on('event', (text: string) => res.write(text));
    res.on('close', () => signals.emit('events closed'));
  },
  '/breaks': (_, res) => {
    res.writeHead(200, TYPE);
    res.write(SMALL);
    signals.once('break', () => res.destroy());
  },
};

let origin: Server;
let gateway: RunningGateway;

beforeAll(async () => {
  origin = createServer((req, res) => ANSWERS[req.url ?? '']?.(req, res)).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const upstream = `127.0.0.1:${(origin.address() as AddressInfo).port}`;
  gateway = await startGateway(gatewayDocument(upstream, { route: { compression: {} } }));
});
afterAll(async () => {
  await gateway.close();
  origin.closeAllConnections();
  origin.close();
});

async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<IncomingMessage> {
  const asking = request(`http://${gateway.address}${path}`, { method, headers, agent: false }).end();
  const [reply] = (await once(asking, 'response')) as [IncomingMessage];
  // Who reads the body hears of it too.
  for (const end of [asking, reply]) end.on('error', () => {});
  return reply;
}

async function bytesOf(reply: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await reply.toArray());
}

describe.each(CODINGS)('A client that reads %s', (coding) => {
  test.each([
    ['/small', SMALL],
    ['/large', JSON_TEXT],
    ['/chunked', JSON_TEXT],
  ])('is sent %s so, and whole', async (path, text) => {
    const reply = await ask(path, { 'Accept-Encoding': coding });
    const bytes = await bytesOf(reply);
    expect([reply.headers['content-encoding'], reply.headers.vary]).toEqual([coding, 'Accept-Encoding']);
    expect(decoded(coding, bytes).toString() === text).toBe(true);
    expect(bytes.length).toBeLessThan(text.length / 3);
    if (path === '/chunked') expect(reply.trailers).toEqual({ 'x-end': 'whole' });
  });

  test('sees each event as it happens, and its going away is heard of', async () => {
    const reply = await ask('/events', { 'Accept-Encoding': coding });
    const parts: Buffer[] = [];
    let sent = '';
    for (const event of ['data: one\n\n', 'data: two\n\n']) {
      sent += event;
      signals.emit('event', event);
      while (parts.length === 0 || decodedSoFar(coding, Buffer.concat(parts)).toString() !== sent) {
        const [bytes] = (await once(reply, 'data')) as [Buffer];
        parts.push(bytes);
      }
    }
    expect(reply.headers['content-encoding']).toBe(coding);
    const closed = once(signals, 'events closed');
    (reply.socket as Socket).resetAndDestroy();
    await closed;
    signals.removeAllListeners('event');
  });
});

test('A client that reads nothing of the kind is sent it as it is', async () => {
  const reply = await ask('/small', { 'Accept-Encoding': 'deflate' });
  expect([reply.headers['content-encoding'], reply.headers.vary, reply.headers.etag]).toEqual([
    undefined,
    'Accept-Encoding',
    '"small"',
  ]);
  expect((await bytesOf(reply)).toString()).toBe(SMALL);
});

test('A small reply has its length, and a tag under which it is found again', async () => {
  const first = await ask('/small', { 'Accept-Encoding': 'gzip' });
  const bytes = await bytesOf(first);
  expect([first.headers['content-length'], first.headers['accept-ranges'], first.headers.etag]).toEqual([
    ...[String(bytes.length), undefined, 'W/"small"'],
  ]);
  const second = await ask('/small', { 'Accept-Encoding': 'gzip', 'If-None-Match': String(first.headers.etag) });
  expect([second.statusCode, second.headers.etag]).toEqual([304, 'W/"small"']);
  second.resume();
});

test('HEAD is answered as GET would be, without a length that nobody knows', async () => {
  const { headers } = await ask('/large', { 'Accept-Encoding': 'br' }, 'HEAD');
  expect([headers['content-encoding'], headers['content-length'], headers.vary]).toEqual(['br', undefined, 'Accept-Encoding']);
});

test.each<Coding>(['gzip', 'br', 'zstd'])('A reply in %s whose upstream breaks off does not look whole', async (coding) => {
  const reply = await ask('/breaks', { 'Accept-Encoding': coding });
  await once(reply, 'data');
  signals.emit('break');
  await expect(bytesOf(reply)).rejects.toThrow();
  expect(reply.complete).toBe(false);
});
