import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Asked, RawClient } from './raw-client.ts';

const GET: Asked = { method: 'GET', minor: 1 };
const HEAD: Asked = { method: 'HEAD', minor: 1 };
const OLD: Asked = { method: 'GET', minor: 0 };

/** Bytes that no gateway may send, and the word by which the client must name the fault. */
const WRONG: readonly (readonly [string, Asked, string, RegExp])[] = [
  ['a status line of HTTP/1.0', GET, 'HTTP/1.0 200 OK\r\n\r\n', /not a status line/],
  ['a status of four digits', GET, 'HTTP/1.1 2000 OK\r\n\r\n', /not a status line/],
  ['a status beyond 599', GET, 'HTTP/1.1 999 OK\r\n\r\n', /not a status line/],
  ['no status line', GET, 'hello\r\n\r\n', /not a status line/],
  ['two lengths', GET, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx', /more than one/],
  ['both framings', GET, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', /beside/],
  ['a bare LF', GET, 'HTTP/1.1 200 OK\nX: 1\r\n\r\n', /bare LF/],
  ['a folded line', GET, 'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n', /folded/],
  ['a NUL', GET, 'HTTP/1.1 200 OK\r\nX: \0\r\n\r\n', /control/],
  ['a length on 204', GET, 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', /Content-Length on 204/],
  ['chunks on 204', GET, 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', /Transfer-Encoding on 204/],
  ['chunks to HTTP/1.0', OLD, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', /HTTP\/1\.0 client/],
  ['an interim reply to HTTP/1.0', OLD, 'HTTP/1.1 103 Early Hints\r\n\r\n', /HTTP\/1\.0 client/],
  ['a body to HEAD', HEAD, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody\r\n\r\n', /not a status line/],
  ['a bad chunk', GET, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', /chunk size/],
  [
    'a length in the trailers',
    GET,
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n',
    /in the trailers/,
  ],
];

describe('the raw client', () => {
  let server: Server | undefined;
  let accepted: Socket | undefined;
  let client: RawClient | undefined;

  /** A client of a server that answers the first bytes with these, and then does that. */
  const hear = async (asked: readonly Asked[], bytes: string, then?: (socket: Socket) => void): Promise<RawClient> => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      accepted = socket;
      socket.on('error', () => {});
      socket.once('data', () => socket.write(Buffer.from(bytes, 'latin1'), () => then?.(socket)));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    client = await RawClient.connect(`127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`, asked);
    await client.send('x');
    const faulty = (): boolean =>
      client?.violations.length !== 0 || client.replies.some((each) => each.message.violations.length > 0);
    await client.until(() => client?.ended !== 'open' || faulty(), 60);
    return client;
  };

  const faults = (of: RawClient): string =>
    [
      ...of.violations,
      ...of.replies.flatMap((each) => [...each.message.violations, ...each.interim.flatMap((one) => one.message.violations)]),
    ].join('; ');

  afterEach(async () => {
    client?.close();
    accepted?.destroy();
    await new Promise((resolve) => server?.close(resolve));
  });

  test.each(WRONG)('names %s', async (_name, asked, bytes, fault) => {
    const heard = await hear([asked], `${bytes}${asked.minor === 0 ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' : ''}`);
    expect(faults(heard)).toMatch(fault);
  });

  test('reads interim replies, several replies, chunks and trailers', async () => {
    const heard = await hear(
      [HEAD, GET, GET],
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n' +
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n' +
        'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    );
    expect(faults(heard)).toBe('');
    expect(
      heard.replies.map((each) => [each.status, each.message.body.toString(), each.interim.map((one) => one.status)]),
    ).toEqual([
      [200, '', []],
      [200, 'hi', [100, 103]],
      [304, '', []],
    ]);
    expect(heard.replies[1]?.message.trailers).toEqual([['X-T', '1']]);
    expect(heard.ended).toBe('open');
  });

  test('takes a body up to an ordinary end for whole', async () => {
    const heard = await hear([GET], 'HTTP/1.1 200 OK\r\n\r\nto the end', (socket) => socket.end());
    expect([heard.replies[0]?.message.complete, heard.ended]).toEqual([true, 'ended']);
  });

  test('does not take a body up to a reset for whole', async () => {
    const heard = await hear([GET], 'HTTP/1.1 200 OK\r\n\r\nto the', (socket) => setTimeout(() => socket.resetAndDestroy(), 10));
    expect([heard.replies[0]?.message.complete, heard.ended]).toEqual([false, 'reset']);
  });

  test('does not take a body below its length for whole', async () => {
    const heard = await hear([GET], 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort', (socket) => socket.end());
    expect([heard.replies[0]?.message.complete, heard.ended]).toEqual([false, 'ended']);
  });

  test('tells bytes after the last reply', async () => {
    const heard = await hear([GET], 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTT');
    expect([heard.whole, heard.halfHead]).toEqual([1, true]);
  });
});
