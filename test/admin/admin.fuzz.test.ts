import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminServer } from '../../src/admin/admin.ts';
import { viewOf } from './view-of.ts';

const failures: unknown[] = [];
const admin = new AdminServer(viewOf({ failed: (error) => void failures.push(error) }));
let port = 0;

beforeAll(async () => {
  const address = await admin.listen({ host: '127.0.0.1', port: 0 });
  port = Number(address.split(':')[1]);
});
afterAll(() => admin.close());

/** Sends bytes and half-closes. @returns all that came back until the admin address closed */
function send(bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.end(bytes);
  });
}

const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
const get = (path: string, ...fields: string[]) => `GET ${path} HTTP/1.1\r\n${['Host: a', ...fields].join('\r\n')}\r\n\r\n`;

describe('A bad request', () => {
  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
    ['a field without a colon', get('/health', 'nonsense'), 400],
    ['two lengths', get('/health', 'Content-Length: 1', 'Content-Length: 2'), 400],
    ['length beside coding', get('/health', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    ['a length that is none', get('/health', 'Content-Length: -1'), 400],
    ['a head that is too large', get('/health', `X: ${'x'.repeat(20_000)}`), 431],
    ['a target that is too long', get(`/${'x'.repeat(20_000)}`), 431],
    ['a body', `${get('/health', 'Content-Length: 5')}hello`, 413],
    ['a chunked body', `${get('/metrics', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`, 413],
    ['an unknown path', get('/metricsx'), 404],
    ['a path that climbs', get('/health/../stats'), 404],
    ['an encoded path', get('/%73tats'), 404],
    ['a whole URL', get('http://a/stats'), 404],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['a method of its own', 'BREW /health HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a method that changes', 'DELETE /stats HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['an upgrade', get('/stats', 'Connection: upgrade', 'Upgrade: websocket'), 401],
    ['two tokens', get('/stats', 'Authorization: Bearer no', 'Authorization: Bearer secret'), 401],
    ['a token in the query', get('/stats?token=secret'), 401],
  ])('with %s is refused', async (_, bytes, status) => {
    expect(statusOf(await send(Buffer.from(bytes, 'latin1')))).toBe(status);
  });

  test('to connect elsewhere gets no answer', async () => {
    expect(await send('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n')).toBe('');
  });
});

test('whatever is sent, nothing fails, and the next one is answered', async () => {
  const word = fc.constantFrom(
    'GET ',
    'POST ',
    '/stats',
    '/metrics',
    '/health',
    ' HTTP/1.1',
    '\r\n',
    'Host: a',
    ': ',
    '\0',
    'Content-Length: 3',
  );
  const text = fc.array(fc.oneof(word, fc.string()), { maxLength: 20 }).map((parts) => Buffer.from(parts.join('')));
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, fc.uint8Array({ maxLength: 300 })), async (bytes) => {
      const answer = await send(bytes);
      expect(answer).not.toMatch(/\n\s+at |node:|\.ts:/);
    }),
    { numRuns: 300 },
  );
  expect(statusOf(await send(get('/health', 'Connection: close')))).toBe(200);
  expect(failures).toEqual([]);
});

test('more connections than it has room for are closed, and it goes on for the others', async () => {
  const idle: Socket[] = [];
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => {});
    });
  for (let at = 0; at < 64; at++) idle.push(await open());
  expect(await send(get('/health'))).toBe('');
  for (const socket of idle) socket.destroy();
  await expect.poll(async () => statusOf(await send(get('/health', 'Connection: close')))).toBe(200);
});
