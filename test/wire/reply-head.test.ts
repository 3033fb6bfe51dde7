import { describe, expect, test } from 'vitest';
import { INCOMPLETE, REFUSED } from '../../src/wire/fields.ts';
import { ReplyHeadParser } from '../../src/wire/reply-head.ts';

function parse(text: string, before = '') {
  const parser = new ReplyHeadParser({ headerBytes: 1024, headerCount: 10 });
  const buf = Buffer.from(before + text, 'latin1');
  return { parser, next: parser.parse(buf, before.length, buf.length) };
}

describe('The head of a reply', () => {
  test('is version, status, reason and fields; what follows is left', () => {
    const head = 'HTTP/1.1 200 All is well\r\nX-A: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\n';
    const { parser, next } = parse(`${head}abc`, 'junk');
    expect(next).toBe(4 + head.length);
    expect(parser).toMatchObject({ status: 200, minor: 1, problem: '' });
    expect(parser.headers.flat()).toEqual(['X-A', 'b', 'Content-Length', '3']);
    expect(parser.framing).toMatchObject({ contentLength: 3, close: true });
  });

  test.each([
    ['HTTP/1.1 200\r\n\r\n', 200, 1],
    ['HTTP/1.1 200 \r\n\r\n', 200, 1],
    ['HTTP/1.1 100 Continue\r\n\r\n', 100, 1],
    ['HTTP/1.0 599 \xe4\t\r\n\r\n', 599, 0],
    ['HTTP/1.7 404 x\r\n\r\n', 404, 1],
  ])('may be %j', (text, status, minor) => {
    const { parser, next } = parse(text);
    expect([next, parser.status, parser.minor]).toEqual([text.length, status, minor]);
  });

  test('is incomplete at every place before its end', () => {
    const head = 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n';
    for (let end = 0; end < head.length; end++) expect(parse(head.slice(0, end)).next, head.slice(0, end)).toBe(INCOMPLETE);
  });

  test.each([
    ['X', 'no status line'],
    ['HTTQ', 'no status line'],
    ['HTTP/2', 'no status line'],
    ['XTTP/1.1 200 OK\r\n\r\n', 'no status line'],
    ['HXTP/1.1 200 OK\r\n\r\n', 'no status line'],
    ['HTXP/1.1 200 OK\r\n\r\n', 'no status line'],
    ['HTTX/1.1 200 OK\r\n\r\n', 'no status line'],
    ['HTTP.1.1 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/1/1 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['ICY 200 OK\r\n\r\n', 'no status line'],
    ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'no status line'],
    ['HTTP/2.0 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/1.x 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/1.12 200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/1.1\t200 OK\r\n\r\n', 'not HTTP/1.1'],
    ['HTTP/1.1 099 OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 600 OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 20 OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 2x0 OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 20x OK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 200\tOK\r\n\r\n', 'not a status'],
    ['HTTP/1.1 200 O\0K\r\n\r\n', 'a status line that does not end in CRLF'],
    ['HTTP/1.1 200 OK\n\r\n', 'a status line that does not end in CRLF'],
    ['HTTP/1.1 200 OK\n', 'a status line with a control character'],
    ['HTTP/1.1 200 OK\rX', 'a status line that does not end in CRLF'],
    [`HTTP/1.1 200 ${'x'.repeat(1024)}`, 'a status line without end'],
    ['HTTP/1.1 200 OK\r\nX : b\r\n\r\n', 'white space in or after a field name'],
    [`HTTP/1.1 200 OK\r\n${'X: b\r\n'.repeat(11)}\r\n`, 'too many fields'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 'more than one Content-Length'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'both Content-Length and Transfer-Encoding'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'a Transfer-Encoding that is not exactly chunked'],
    ['HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'a Transfer-Encoding in HTTP/1.0'],
  ])('%j is refused', (text, problem) => {
    const { parser, next } = parse(text);
    expect([next, parser.problem]).toEqual([REFUSED, problem]);
  });
});
