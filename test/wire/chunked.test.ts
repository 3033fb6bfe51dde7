import { describe, expect, test } from 'vitest';
import { ChunkedDecoder } from '../../src/wire/chunked.ts';

/** Feeds the pieces one after the other, as a connection does. */
function decode(...pieces: string[]) {
  const decoder = new ChunkedDecoder();
  const data: string[] = [];
  let used = 0;
  let refused = false;
  for (const piece of pieces) {
    const buf = Buffer.from(piece, 'latin1');
    const stop = decoder.decode(buf, 0, buf.length);
    if (decoder.dataEnd > decoder.dataStart) data.push(buf.toString('latin1', decoder.dataStart, decoder.dataEnd));
    refused = stop < 0;
    if (refused) break;
    used += stop;
  }
  return {
    data: data.join(''),
    pieces: data,
    used,
    refused,
    problem: decoder.problem,
    done: decoder.done,
    trailers: decoder.trailers,
  };
}

describe('A chunked body (RFC 9112 §7.1)', () => {
  test.each([
    ['0\r\n\r\n', ''],
    ['3\r\nabc\r\n0\r\n\r\n', 'abc'],
    ['1\r\na\r\n1\r\nb\r\n2\r\ncd\r\n0\r\n\r\n', 'abcd'],
    ['A\r\n0123456789\r\n0\r\n\r\n', '0123456789'],
    ['a\r\n0123456789\r\n000\r\n\r\n', '0123456789'],
    ['0000000000000003\r\nabc\r\n0\r\n\r\n', 'abc'],
    ['4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
    ['1;a\r\nx\r\n0;b=c;d="e;f"\r\n\r\n', 'x'],
    ['1 ;a\r\nx\r\n0\t ; b = c ; d\r\n\r\n', 'x'],
    ['1;a="\\"\\\\ \t\xff"\r\nx\r\n0\r\n\r\n', 'x'],
    ['1;a=""\r\nx\r\n0\r\n\r\n', 'x'],
  ])('%j is %j', (text, data) => {
    expect(decode(text)).toMatchObject({ data, used: text.length, done: true, refused: false, trailers: undefined });
  });

  test('ends with its last line; what follows is not its', () => {
    const body = '1\r\nx\r\n0\r\n\r\n';
    expect(decode(`${body}GET / HTTP/1.1`)).toMatchObject({ data: 'x', used: body.length, done: true });
  });

  test('gives the data of one read in one piece, however small its chunks are', () => {
    expect(decode('1\r\na\r\n1\r\nb\r\n2\r\nc', 'd\r\n1\r\ne\r\n0\r\n\r\n').pieces).toEqual(['abc', 'de']);
  });

  test('is not done before its end, wherever it stops', () => {
    const body = '2;x=y\r\nab\r\n0\r\nA: b\r\n\r\n';
    for (let end = 0; end < body.length; end++) {
      expect(decode(body.slice(0, end)), body.slice(0, end)).toMatchObject({ done: false, refused: false, used: end });
    }
  });

  test.each([
    ['\r\n', 'a chunk without a size'],
    [' 1\r\n', 'a chunk without a size'],
    [';a\r\n', 'a chunk without a size'],
    ['-1\r\n', 'a chunk without a size'],
    ['g\r\n', 'a chunk without a size'],
    ['0x1\r\n', 'a chunk size that is not hexadecimal'],
    ['1_0\r\n', 'a chunk size that is not hexadecimal'],
    ['1,\r\n', 'a chunk size that is not hexadecimal'],
    ['1\n', 'a chunk size that is not hexadecimal'],
    ['1\rx', 'a bare CR after a chunk size'],
    ['1 \r\n', 'a malformed chunk extension'],
    ['1 a\r\n', 'a malformed chunk extension'],
    ['1 \n', 'a bare LF after a chunk size'],
    ['1;\r\n', 'a chunk extension without a name'],
    ['1; \r\n', 'a chunk extension without a name'],
    ['1;=b\r\n', 'a chunk extension without a name'],
    ['1;a=\r\n', 'a chunk extension without a value'],
    ['1;a= ,\r\n', 'a chunk extension without a value'],
    ['1;a\n', 'a bare LF after a chunk size'],
    ['1;a \r\n', 'a malformed chunk extension'],
    ['1;a=b \r\n', 'a malformed chunk extension'],
    ['1;a b\r\n', 'a malformed chunk extension'],
    ['1;a="b"c\r\n', 'a malformed chunk extension'],
    ['1;a="\n"\r\n', 'a control character in a chunk extension'],
    ['1;a="\\\r"\r\n', 'a control character in a chunk extension'],
    ['1\r\nab', 'chunk data longer than its size'],
    ['1\r\na\n', 'chunk data longer than its size'],
    ['1\r\na\r\r', 'a bare CR after chunk data'],
    ['0\r\nA : b\r\n\r\n', 'trailers: white space in or after a field name'],
    ['0\r\n\rx', 'trailers: a bare CR'],
    ['0\r\n0\r\n\r\n', 'trailers: a field line without a colon'],
  ])('%j is refused', (text, problem) => {
    expect(decode(text)).toMatchObject({ refused: true, problem });
    expect(decode(...text)).toMatchObject({ refused: true, problem });
  });

  test('that is refused keeps the data that came before', () => {
    expect(decode('2\r\nab\r\nx')).toMatchObject({ data: 'ab', refused: true });
  });

  test.each([
    ...['ffffffffffffffff', 'fffffffffffffffe', '7fffffffffffffff', '8000000000000000', '10000000000000000', '0020000000000000'],
    ...['20000000000001', 'FFFFFFFFFFFFFFFFF', '00000000000000001'],
  ])('with a chunk of %s bytes is refused', (size) => {
    expect(decode(`${size}\r\n`)).toMatchObject({ refused: true, problem: 'a chunk size beyond any body' });
  });

  test.each(['7fffffff', '80000000', 'ffffffff', '100000000', '1fffffffffffff'])(
    'with a chunk of %s bytes waits for them',
    (size) => {
      expect(decode(`${size}\r\n`, 'abc')).toMatchObject({ data: 'abc', refused: false, done: false });
    },
  );

  test('may have 4096 bytes of extensions in all its chunks together', () => {
    const chunk = `1;${'a'.repeat(2046)}\r\nx\r\n`;
    expect(decode(chunk, chunk)).toMatchObject({ refused: false, data: 'xx' });
    expect(decode(chunk, chunk, '1;abc')).toMatchObject({ refused: true, problem: 'chunk extensions without end' });
  });
});

describe('Trailers', () => {
  test('are fields, in whatever pieces they come', () => {
    const text = '0\r\nX-Sum: 1\r\nX-B:2 \r\n\r\n';
    expect(decode(text).trailers?.flat()).toEqual(['X-Sum', '1', 'X-B', '2']);
    expect(decode(...text).trailers?.flat()).toEqual(['X-Sum', '1', 'X-B', '2']);
    expect(decode(...text)).toMatchObject({ done: true, used: text.length });
  });

  test('leave what follows them, in whatever pieces they come', () => {
    const text = '0\r\nX: 1\r\n\r\n';
    for (let at = 1; at < text.length; at++) expect(decode(text.slice(0, at), `${text.slice(at)}rest`).used).toBe(text.length);
  });

  test.each([
    ...['Content-Length', 'transfer-encoding', 'HOST', 'Trailer', 'TE', 'Connection', 'Upgrade', 'Content-Type', 'Authorization'],
    ...[
      'Set-Cookie',
      'Cookie',
      'Via',
      'X-Forwarded-For',
      'X-Request-ID',
      'Expect',
      'Cache-Control',
      'Content-Encoding',
      'Date',
      'Age',
    ],
  ])('that would change the message are dropped: %s', (name) => {
    expect(decode(`0\r\nA: 1\r\n${name}: 2\r\nB: 3\r\n\r\n`).trailers?.lines()).toBe('A: 1\r\nB: 3\r\n');
  });

  test('are at most 64 fields and 8192 bytes', () => {
    expect(decode(`0\r\n${'A: b\r\n'.repeat(64)}\r\n`).done).toBe(true);
    expect(decode(`0\r\n${'A: b\r\n'.repeat(65)}\r\n`).problem).toBe('trailers: too many fields');
    expect(decode(`0\r\nA: ${'b'.repeat(8200)}`).problem).toBe('trailers: the header section is too large');
    expect(decode('0\r\nA: ', 'b'.repeat(5000), 'b'.repeat(5000)).problem).toBe('trailers: the header section is too large');
  });
});
