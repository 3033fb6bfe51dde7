import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FetchFailed, fetchJwks } from '../../../../src/layers/authentication/jwt/fetch-jwks.ts';
import { systemClock } from '../../../../src/lib/clock.ts';
import { turns } from '../../../support/channels.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { JwksServer } from './jwks-server.ts';

let server: JwksServer;
const never = new AbortController().signal;

beforeEach(async () => {
  server = await JwksServer.open();
});

afterEach(() => server.close());

const get = (uri = server.uri, signal = never) => fetchJwks(uri, 60_000, systemClock, signal);

async function failure(fetching: Promise<string>): Promise<[string, string]> {
  const error = await fetching.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FetchFailed);
  const { failure, message } = error as FetchFailed;
  return [failure, message];
}

describe('A fetch of a key set', () => {
  test('gives the text, asked for with its path and query', async () => {
    server.send('{"keys": []}');
    expect(await get()).toBe('{"keys": []}');
    const [request] = server.requests;
    expect([request?.method, request?.url, request?.headers['accept']]).toEqual([
      'GET',
      '/jwks?v=1',
      'application/jwk-set+json, application/json;q=0.9',
    ]);
  });

  test.each([204, 206, 304, 400, 401, 404, 500, 503])('fails with status %i', async (status) => {
    server.send('', status);
    expect(await failure(get())).toEqual(['status', `status ${status}`]);
  });

  test.each([301, 302, 303, 307, 308])('follows no redirect, status %i', async (status) => {
    const elsewhere = await JwksServer.open();
    for (const location of [elsewhere.uri, 'file:///etc/passwd', 'https://127.0.0.1:1/', '/jwks']) {
      server.send('', status, { location });
      expect(await failure(get())).toEqual(['status', `status ${status}: redirects are not followed`]);
    }
    expect([server.asked, elsewhere.asked]).toEqual([4, 0]);
    await elsewhere.close();
  });

  test('takes half a megabyte and not a byte more, length told or not', async () => {
    const most = Buffer.alloc(512 * 1024, ' ');
    server.send(most);
    expect((await get()).length).toBe(most.length);
    const tooMuch = Buffer.concat([most, Buffer.from('x')]);
    server.send(tooMuch);
    expect((await failure(get()))[0]).toBe('too_large');
    server.does((response) => {
      response.write(tooMuch.subarray(0, 1000));
      response.end(tooMuch.subarray(1000));
    });
    expect((await failure(get()))[0]).toBe('too_large');
  });

  test('stops reading a body without end', async () => {
    const stopped = new Promise<void>((resolve) => {
      server.does((response) => {
        const more = () => void (response.write(Buffer.alloc(100_000)) && setImmediate(more));
        response.on('drain', more).on('close', resolve);
        more();
      });
    });
    expect((await failure(get()))[0]).toBe('too_large');
    await stopped;
  });

  test.each([
    ['no head', () => {}],
    ['no body', (response: { writeHead(status: number): { flushHeaders(): void } }) => response.writeHead(200).flushHeaders()],
  ] as const)('gives up when its time is over: %s', async (_, answer) => {
    const clock = new ManualClock();
    server.does(answer);
    const arrived = server.arrival();
    const fetching = failure(fetchJwks(server.uri, 5000, clock, never));
    await arrived;
    await turns();
    const closed = new Promise((resolve) => server.requests[0]?.socket.on('close', resolve));
    clock.advance(4999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await fetching).toEqual(['timeout', 'no reply within 5000 ms']);
    await closed;
    expect(clock.pending).toBe(0);
  });

  test('gives up when it is told to', async () => {
    const controller = new AbortController();
    server.does(() => {});
    const arrived = server.arrival();
    const fetching = failure(get(server.uri, controller.signal));
    await arrived;
    controller.abort();
    expect((await fetching)[0]).toBe('connect');
    expect((await failure(get(server.uri, controller.signal)))[0]).toBe('connect');
  });

  test('fails where nobody listens, breaks off or speaks HTTP', async () => {
    server.breakOff();
    expect((await failure(get()))[0]).toBe('connect');
    server.does((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"keys":', () => response.destroy());
    });
    expect((await failure(get()))[0]).toBe('connect');
    const { uri } = server;
    await server.close();
    expect((await failure(get(uri)))[0]).toBe('connect');
    const mute = createServer((socket) => socket.end('220 ready\r\n'));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    expect((await failure(get(`http://127.0.0.1:${(mute.address() as { port: number }).port}/`)))[0]).toBe('connect');
    mute.close();
  });
});
