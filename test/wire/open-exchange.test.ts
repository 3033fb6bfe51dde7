import { describe, expect, test } from 'vitest';
import { bodyFraming, openExchange, refusal } from '../../src/wire/open-exchange.ts';
import { RequestHeadParser } from '../../src/wire/request-head.ts';

const peer = { address: '192.0.2.1', port: 1, trusted: false };

function parse(...lines: string[]): RequestHeadParser {
  const parser = new RequestHeadParser({ headerBytes: 1024, headerCount: 20, uriBytes: 100 });
  const head = Buffer.from(`${lines.join('\r\n')}\r\nHost: a\r\n\r\n`);
  if (parser.parse(head, 0, head.length) < 0) throw parser.error;
  return parser;
}

test('an exchange has what the head said', () => {
  const exchange = openExchange(parse('PUT /b?c HTTP/1.0', 'X-D: e'), peer, true, 42);
  expect(exchange).toMatchObject({
    method: 'PUT',
    scheme: 'https',
    authority: 'a',
    target: '/b?c',
    minor: 0,
    peer,
    startedAt: 42,
  });
  expect(exchange.headers.get('x-d')).toBe('e');
  expect(exchange.upgrade).toBeUndefined();
  expect(openExchange(parse('GET / HTTP/1.1'), peer, false, 0).scheme).toBe('http');
});

test.each([
  [['GET / HTTP/1.1'], false],
  [['POST / HTTP/1.1', 'Content-Length: 0'], false],
  [['POST / HTTP/1.1', 'Content-Length: 1'], true],
  [['POST / HTTP/1.1', 'Transfer-Encoding: chunked'], true],
] as const)('%j has a body: %s', (lines, has) => {
  expect(bodyFraming(parse(...lines)) !== undefined).toBe(has);
});

describe('An upgrade', () => {
  const asking = (protocol: string, line = 'GET / HTTP/1.1', ...more: string[]) =>
    openExchange(parse(line, 'Connection: upgrade', `Upgrade: ${protocol}`, ...more), peer, false, 0).upgrade;

  test.each([
    ['websocket', 'websocket'],
    ['WebSocket, x/1', 'websocket, x/1'],
    ['h2x', 'h2x'],
  ])('to %s is one', (protocol, upgrade) => expect(asking(protocol)).toBe(upgrade));

  test.each([
    ['websocket, h2c', 'websocket'],
    ['h2c,websocket', 'websocket'],
    ['tls/1.3, websocket', 'websocket'],
  ])('to %s is one to %s', (protocols, kept) => expect(asking(protocols)).toBe(kept));

  test.each(['h2c', 'H2C', 'h2', 'TLS/1.2', 'h2c, TLS/1.3'])(
    'to %s is not passed on: it would leave behind what is decided here',
    (protocol) => expect(asking(protocol)).toBeUndefined(),
  );

  test('is none from HTTP/1.0, or with a body', () => {
    expect(asking('websocket', 'GET / HTTP/1.0')).toBeUndefined();
    expect(asking('websocket', 'GET / HTTP/1.1', 'Content-Length: 1')).toBeUndefined();
    expect(asking('websocket', 'GET / HTTP/1.1', 'Content-Length: 0')).toBe('websocket');
  });
});

describe('A well-formed request', () => {
  test.each([
    [['GET / HTTP/1.1'], false, undefined],
    [['GET / HTTP/1.1', 'Expect: 100-Continue'], false, undefined],
    [['GET / HTTP/1.1', 'Expect: 200-ok'], false, 'expectation_failed'],
    [['GET / HTTP/1.1', 'Expect: 100-continue', 'Expect: x'], false, 'expectation_failed'],
    [['GET / HTTP/1.1', 'Expect: 100-continue, ,100-continue'], false, undefined],
    [['GET / HTTP/1.1', 'Expect:'], false, undefined],
    [['GET / HTTP/1.0', 'Expect: 200-ok'], false, undefined],
    [['GET http://a/ HTTP/1.1'], false, undefined],
    [['GET http://a/ HTTP/1.1'], true, undefined],
    [['GET https://a/ HTTP/1.1'], true, undefined],
    [['GET https://a/ HTTP/1.1'], false, 'misdirected_request'],
  ] as const)('%j, over TLS %s, is refused with: %s', (lines, secure, code) => {
    expect(refusal(parse(...lines), secure)?.code).toBe(code);
  });
});
