import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OriginScript, RecordingOrigin, type Session } from './recording-origin.ts';
import { Signals } from './signals.ts';

const HOST = 'Host: a.example';
const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** Bytes that a gateway must never send, and the word by which the origin must name the fault. */
const WRONG: readonly (readonly [string, string, RegExp])[] = [
  [
    'a second Content-Length',
    `${head('POST / HTTP/1.1', HOST, 'Content-Length: 2', 'Content-Length: 2')}hi`,
    /more than one Content-Length/,
  ],
  ['both framings', head('POST / HTTP/1.1', HOST, 'Content-Length: 2', 'Transfer-Encoding: chunked'), /beside Transfer-Encoding/],
  ['another coding', head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: gzip, chunked'), /not chunked/],
  [
    'two codings',
    head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
    /more than one Transfer-E/,
  ],
  ['a list as a length', `${head('POST / HTTP/1.1', HOST, 'Content-Length: 2, 2')}hi`, /not a Content-Length/],
  ['no Host', head('GET / HTTP/1.1'), /0 Host/],
  ['two Hosts', head('GET / HTTP/1.1', HOST, HOST), /2 Host/],
  ['a Host with a path', head('GET / HTTP/1.1', 'Host: a/b'), /not a Host/],
  ['HTTP/1.0', head('GET / HTTP/1.0', HOST), /not HTTP\/1\.1/],
  ['an absolute target', head('GET http://a.example/ HTTP/1.1', HOST), /not a target/],
  ['a broken triplet', head('GET /%4 HTTP/1.1', HOST), /not a target/],
  ['a fragment', head('GET /#x HTTP/1.1', HOST), /not a target/],
  ['four words', head('GET / x HTTP/1.1', HOST), /not a request line/],
  ['a bad method', head('G(T / HTTP/1.1', HOST), /not a request line/],
  ['a bare LF', 'GET / HTTP/1.1\nHost: a\r\n\r\n', /bare LF/],
  ['a bare CR', head('GET / HTTP/1.1', HOST, 'X: a\rb'), /control character/],
  ['a NUL', head('GET / HTTP/1.1', HOST, 'X: \0'), /control character/],
  ['a folded line', head('GET / HTTP/1.1', HOST, 'X: a', ' b'), /folded/],
  ['a space before a colon', head('GET / HTTP/1.1', HOST, 'X : a'), /not a field name/],
  ['a line without colon', head('GET / HTTP/1.1', HOST, 'hello'), /without a colon/],
  ['an empty line in front', `\r\n${head('GET / HTTP/1.1', HOST)}`, /an empty line/],
  ['a chunk size with a sign', `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}+5\r\n`, /not a chunk size/],
  [
    'a chunk size beyond counting',
    `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}ffffffffffffffff\r\n`,
    /beyond counting/,
  ],
  ['chunk data that is too long', `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}1\r\nxyz\r\n`, /does not end/],
  ['a chunk line with a bare LF', `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}1\nx\r\n`, /bare LF/],
  [
    'Host in the trailers',
    `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}0\r\nHost: b\r\n\r\n`,
    /host in the trailers/,
  ],
  ['a bad trailer', `${head('POST / HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}0\r\nhello\r\n\r\n`, /without a colon/],
  ['garbage', '\x16\x03\x01\r\n\r\n', /not a request line|control/],
];

describe('the recording origin', () => {
  let origin: RecordingOrigin;
  let session: Session;
  const sockets: Socket[] = [];

  const begin = (...scripts: readonly OriginScript[]): void => {
    session = origin.begin(scripts, new Signals());
  };

  /** Sends bytes and gives what came back until the origin ended or was quiet. */
  const speak = async (bytes: string, quietMs = 40): Promise<{ text: string; ended: boolean; reset: boolean }> => {
    const [host, port] = origin.address.split(':');
    const socket = connect({ host: host as string, port: Number(port) });
    sockets.push(socket);
    const got = { text: '', ended: false, reset: false };
    socket.on('data', (data: Buffer) => {
      got.text += data.toString('latin1');
    });
    socket.on('end', () => {
      got.ended = true;
    });
    socket.on('error', () => {
      got.reset = true;
    });
    socket.write(Buffer.from(bytes, 'latin1'));
    await new Promise((resolve) => setTimeout(resolve, quietMs));
    return got;
  };

  beforeEach(async () => {
    origin = await RecordingOrigin.start(new Signals());
    begin();
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await origin.close();
  });

  test.each(WRONG)('names %s', async (_name, bytes, fault) => {
    await speak(bytes);
    expect(session.violations.join('; ')).toMatch(fault);
  });

  test('records a good request byte for byte and answers it', async () => {
    const bytes = `${head('POST /a?b HTTP/1.1', HOST, 'X-A: 1', 'x-a: 2', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\nX-T: 3\r\n\r\n`;
    const { text } = await speak(bytes);
    const [seen] = session.requests;
    expect(session.violations).toEqual([]);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*ok$/s);
    expect(seen?.message.raw.toString('latin1')).toBe(bytes);
    expect([seen?.method, seen?.target, seen?.message.body.toString(), seen?.message.complete]).toEqual([
      'POST',
      '/a?b',
      'hello',
      true,
    ]);
    expect(seen?.message.all('x-a')).toEqual(['1', '2']);
    expect(seen?.message.trailers).toEqual([['X-T', '3']]);
  });

  test('names a second request that does not wait for the reply to the first', async () => {
    begin([{ pause: 30 }, 'HTTP/1.1 204 No Content\r\n\r\n']);
    await speak(head('GET /1 HTTP/1.1', HOST) + head('GET /2 HTTP/1.1', HOST));
    expect(session.violations.join()).toMatch(/before the reply/);
  });

  test('says that a request is not whole', async () => {
    await speak(`${head('POST / HTTP/1.1', HOST, 'Content-Length: 5')}hel`);
    expect(session.violations).toEqual([]);
    expect(session.requests[0]?.message.complete).toBe(false);
  });

  test('plays its script: bytes, pauses, and a reset', async () => {
    begin(['HTTP/1.1 ', { pause: 10 }, '200 OK\r\n\r\n', { pause: 10 }, { do: 'reset' }]);
    const got = await speak(head('GET / HTTP/1.1', HOST), 80);
    expect(got).toEqual({ text: 'HTTP/1.1 200 OK\r\n\r\n', ended: false, reset: true });
  });

  test('counts connections and sees how they were left', async () => {
    begin([{ wait: 'never' }]);
    await speak(head('GET / HTTP/1.1', HOST));
    expect([session.connections, session.requests[0]?.left]).toEqual([1, 'open']);
    sockets[0]?.destroy();
    await session.changes.until(() => session.requests[0]?.left !== 'open', 500);
    expect(session.requests[0]?.left).toBe('ended');
  });

  test('gives each request on its connections the next script', async () => {
    begin(['HTTP/1.1 200 A\r\nContent-Length: 0\r\n\r\n'], ['HTTP/1.1 200 B\r\nContent-Length: 0\r\n\r\n']);
    const first = await speak(head('GET /1 HTTP/1.1', HOST), 20);
    const second = await speak(head('GET /2 HTTP/1.1', HOST), 20);
    expect([first.text, second.text].map((text) => text[13])).toEqual(['A', 'B']);
    expect(session.requests.map((each) => each.connection)).toEqual([1, 2]);
  });
});
