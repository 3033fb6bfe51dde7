import { describe, expect, test } from 'vitest';
import { Headers } from '../../src/http/headers.ts';
import { FieldsParser } from '../../src/wire/fields.ts';
import { Framing } from '../../src/wire/framing.ts';

function read(lines: readonly string[], minor = 1, framing = new Framing()) {
  const text = `${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const parser = new FieldsParser({ headerBytes: 64 * 1024, headerCount: 1000 });
  const buf = Buffer.from(text, 'latin1');
  if (parser.parse(buf, 0, buf.length, 0) < 0) throw new Error(parser.problem);
  framing.read(text, parser.offsets, minor);
  return { framing, headers: new Headers(text, parser.offsets, parser.blockEnd) };
}

describe('The framing of a body (RFC 9112 §6)', () => {
  test.each([
    [['A: b'], -1, false],
    [['Content-Length: 0'], 0, false],
    [['Content-Length: 42'], 42, false],
    [['Content-Length: 0042'], 42, false],
    [['Content-Length: 9007199254740991'], Number.MAX_SAFE_INTEGER, false],
    [['Transfer-Encoding: chunked'], -1, true],
    [['Transfer-Encoding: ChunKed'], -1, true],
  ] as const)('of %j is a length of %d, chunked %s', (lines, length, chunked) => {
    const { framing } = read(lines);
    expect([framing.problem, framing.contentLength, framing.chunked]).toEqual(['', length, chunked]);
  });

  test.each([
    [['Content-Length: 1', 'Content-Length: 1'], 'more than one Content-Length'],
    [['Content-Length: 1, 1'], 'a Content-Length that is not a number'],
    [['Content-Length:'], 'a Content-Length that is not a number'],
    [['Content-Length: +1'], 'a Content-Length that is not a number'],
    [['Content-Length: -1'], 'a Content-Length that is not a number'],
    [['Content-Length: 0x10'], 'a Content-Length that is not a number'],
    [['Content-Length: 1e3'], 'a Content-Length that is not a number'],
    [['Content-Length: 1.0'], 'a Content-Length that is not a number'],
    [['Content-Length: \u00b2'], 'a Content-Length that is not a number'],
    [['Content-Length: x', 'Content-Length: 1'], 'a Content-Length that is not a number'],
    [['Content-Length: 9007199254740992'], 'a Content-Length beyond any body'],
    [['Content-Length: 18446744073709551616'], 'a Content-Length beyond any body'],
    [[`Content-Length: ${'9'.repeat(400)}`], 'a Content-Length beyond any body'],
    [['Content-Length: 1', 'Transfer-Encoding: chunked'], 'both Content-Length and Transfer-Encoding'],
    [['Transfer-Encoding: chunked', 'Content-Length: 1'], 'both Content-Length and Transfer-Encoding'],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], 'a Transfer-Encoding that is not exactly chunked'],
    [['Transfer-Encoding: xchunked'], 'a Transfer-Encoding that is not exactly chunked'],
    [['Transfer-Encoding:'], 'a Transfer-Encoding that is not exactly chunked'],
  ] as const)('%j is refused', (lines, problem) => {
    expect(read(lines).framing.problem).toBe(problem);
  });

  test('by a coding in an HTTP/1.0 message is refused', () => {
    expect(read(['Transfer-Encoding: chunked'], 0).framing.problem).toBe('a Transfer-Encoding in HTTP/1.0');
  });

  test.each([
    ['gzip', true],
    ['gzip, chunked', true],
    ['chunked, gzip', false],
    ['chunked, chunked', false],
    ['identity', false],
    ['gzip;q=1', false],
    ['"chunked"', false],
    ['chunked;a=b', false],
    ['chunked\x0b', false],
    [', chunked', false],
  ])('by the coding %j is known to the RFC but not to us: %s', (coding, unimplemented) => {
    const text = `transfer-encoding: ${coding}\r\n`;
    const offsets = [0, 17, 19, 19 + coding.length, 4];
    const framing = new Framing();
    framing.read(text, offsets, 1);
    expect([framing.problem, framing.unimplemented]).toEqual(['a Transfer-Encoding that is not exactly chunked', unimplemented]);
  });
});

describe('Connection options (RFC 9110 §7.6.1)', () => {
  test.each([
    [['Connection: close'], true, false],
    [['Connection: Close'], true, false],
    [['Connection: keep-alive'], false, true],
    [['Connection: Keep-Alive'], false, true],
    [['Connection: keep-alive, close'], true, true],
    [['Connection: x', 'Connection: ,, close ,'], true, false],
    [['Connection: x-close'], false, false],
    [['X: close'], false, false],
  ] as const)('%j say close %s, keep-alive %s', (lines, close, keepAlive) => {
    const { framing } = read(lines);
    expect([framing.close, framing.keepAlive, framing.problem]).toEqual([close, keepAlive, '']);
  });

  test('take the fields that they name with them, in any case, known or not', () => {
    const { headers } = read(['X-A: 1', 'Connection: x-a, DATE', 'x-a: 2', 'Date: 3', 'X-B: 4']);
    expect(headers.lines()).toBe('X-B: 4\r\n');
  });

  test('take neither Host nor the length with them', () => {
    const { headers, framing } = read(['Host: a', 'Content-Length: 3', 'Connection: host, content-length']);
    expect(headers.lines()).toBe('Host: a\r\nContent-Length: 3\r\n');
    expect([framing.host, framing.contentLength]).toEqual(['a', 3]);
  });

  test('are at most 32, whether on one line or on many', () => {
    const names = Array.from({ length: 33 }, (_, at) => `x-${at}`);
    expect(read([`Connection: ${names.slice(1).join(',')}`]).framing.problem).toBe('');
    expect(read([`Connection: ${names.join(',')}`]).framing.problem).toBe('too many connection options');
    expect(read(names.map((name) => `Connection: ${name}`)).framing.problem).toBe('too many connection options');
  });

  test.each([
    ['empty ones', ','],
    ['ones that say what is known', 'close,'],
    ['ones with white space', ' , '],
  ])('cannot be hidden behind many %s', (_, filler) => {
    const { framing, headers } = read([`Connection: ${filler.repeat(40)}x-secret`, 'X-Secret: 1']);
    expect(framing.problem !== '' || !headers.has('x-secret')).toBe(true);
  });
});

describe('Hop-by-hop fields', () => {
  test.each([
    'Connection: x',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Transfer-Encoding: chunked',
    'Upgrade: h2c',
    'Proxy-Authorization: Basic eDp5',
    'Proxy-Authenticate: Basic',
    'Proxy-Authentication-Info: x',
    'HTTP2-Settings: AAMAAABk',
    'Expect: 100-continue',
  ])('are for us alone: %s', (line) => {
    const { headers } = read(['A: 1', line, 'B: 2']);
    expect(headers.lines()).toBe('A: 1\r\nB: 2\r\n');
  });

  test.each(['Content-Length: 1', 'Max-Forwards: 3', 'Host: a', 'Date: x', 'Via: x', 'Cookie: x'])('are not all: %s', (line) => {
    expect(read([line]).headers.lines()).toBe(`${line}\r\n`);
  });

  test('the announcement of trailers goes on only with a chunked body', () => {
    expect(read(['Trailer: x', 'Transfer-Encoding: chunked']).headers.lines()).toBe('Trailer: x\r\n');
    expect(read(['Trailer: x', 'Content-Length: 3']).headers.lines()).toBe('Content-Length: 3\r\n');
    expect(read(['Trailer: x']).headers.lines()).toBe('');
  });
});

describe('What else concerns the connection', () => {
  test('an upgrade is asked for only when Connection lists it', () => {
    expect(read(['Connection: Upgrade', 'Upgrade: WebSocket']).framing.upgrade).toBe('websocket');
    expect(read(['Connection: upgrade', 'Upgrade: a', 'Upgrade: b/2']).framing.upgrade).toBe('a, b/2');
    expect(read(['Upgrade: websocket']).framing.upgrade).toBeUndefined();
    expect(read(['Connection: upgrade']).framing.upgrade).toBeUndefined();
  });

  test('several lines of an expectation are one list; several of Max-Forwards are no number', () => {
    expect(read(['Expect: a', 'Expect: b']).framing.expect).toBe('a, b');
    expect(read(['Max-Forwards: 3']).framing.maxForwards).toBe('3');
    expect(read(['Max-Forwards: 3', 'Max-Forwards: 3']).framing.maxForwards).toBe('several');
  });

  test('every Host is counted', () => {
    expect(read(['Host: a', 'Host: a']).framing.hostCount).toBe(2);
    expect(read(['X: a']).framing.hostCount).toBe(0);
  });

  test('what Keep-Alive says is kept', () => {
    expect(read(['Keep-Alive: timeout=5, max=9']).framing.keepAliveParams).toBe('timeout=5, max=9');
  });

  test('nothing of one message is left for the next', () => {
    const { framing } = read([
      ...['Host: a', 'Connection: close, keep-alive, upgrade', 'Upgrade: b', 'Expect: c', 'Max-Forwards: 1', 'Keep-Alive: d'],
      ...['Transfer-Encoding: gzip', 'Trailer: x', 'Content-Length: 3'],
    ]);
    const fresh = new Framing();
    fresh.read('', [], 1);
    framing.read('', [], 1);
    expect(framing).toEqual(fresh);
  });
});
