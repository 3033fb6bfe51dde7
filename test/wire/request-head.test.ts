import { describe, expect, test } from 'vitest';
import { INCOMPLETE, REFUSED } from '../../src/wire/fields.ts';
import { RequestHeadParser } from '../../src/wire/request-head.ts';

const LIMITS = { headerBytes: 1024, headerCount: 20, uriBytes: 64 };

function parse(text: string, limits = LIMITS) {
  const parser = new RequestHeadParser(limits);
  const buf = Buffer.from(text, 'latin1');
  return { parser, next: parser.parse(buf, 0, buf.length) };
}

const refusal = (text: string) => {
  const { parser, next } = parse(text);
  expect(next).toBe(REFUSED);
  return `${parser.error?.code}: ${parser.error?.detail}`;
};

describe('The head of a request', () => {
  test('is method, target, version and fields; what follows is left', () => {
    const head = 'POST /a?b HTTP/1.1\r\nHost: c:81\r\nX-D: e\r\nContent-Length: 3\r\n\r\n';
    const { parser, next } = parse(`${head}abc`);
    expect(next).toBe(head.length);
    expect(parser).toMatchObject({ method: 'POST', minor: 1, authority: 'c:81', error: undefined });
    expect(parser.target.value).toBe('/a?b');
    expect(parser.framing.contentLength).toBe(3);
    expect(parser.headers.flat()).toEqual(['Host', 'c:81', 'X-D', 'e', 'Content-Length', '3']);
  });

  test('is read from anywhere in a buffer', () => {
    const parser = new RequestHeadParser(LIMITS);
    const head = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
    const buf = Buffer.from(`12345${head}rest`);
    expect(parser.parse(buf, 5, buf.length)).toBe(5 + head.length);
    expect(parser.headers.lines()).toBe('Host: a\r\n');
    expect(parser.target.value).toBe('/x');
  });

  test.each(['GET', 'PUT', 'POST', 'HEAD', 'PATCH', 'DELETE', 'get', 'PROPFIND', "!#$%&'*+-.^_`|~9", 'M'.repeat(32)])(
    'may have the method %s',
    (method) => {
      expect(parse(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`).parser.method).toBe(method);
    },
  );

  test('is incomplete at every place before its end', () => {
    const head = 'OPTIONS http://a.example:80/b?c%20 HTTP/1.1\r\nHost: a.example\r\nX: y\r\n\r\n';
    for (let end = 0; end < head.length; end++) expect(parse(head.slice(0, end)).next, head.slice(0, end)).toBe(INCOMPLETE);
    expect(parse(head).next).toBe(head.length);
  });

  test('says nothing about the next one', () => {
    const parser = new RequestHeadParser(LIMITS);
    const bad = Buffer.from('GET / HTTP/1.1\r\n\r\n');
    expect(parser.parse(bad, 0, bad.length)).toBe(REFUSED);
    const good = Buffer.from('GET / HTTP/1.0\r\n\r\n');
    expect(parser.parse(good, 0, good.length)).toBe(good.length);
    expect(parser).toMatchObject({ error: undefined, minor: 0, authority: '' });
  });

  test.each([
    [' / HTTP/1.1\r\n', 'bad_request: the request line does not start with a method and a space'],
    ['G@T / HTTP/1.1\r\n', 'bad_request: the request line does not start with a method and a space'],
    ['\r\nGET / HTTP/1.1\r\n', 'bad_request: the request line does not start with a method and a space'],
    ['GET\t/ HTTP/1.1\r\n', 'bad_request: the request line does not start with a method and a space'],
    [`${'M'.repeat(33)}`, 'not_implemented: an unknown method'],
    ['GET  / HTTP/1.1\r\n', 'bad_request: the request line is not method, target and version'],
    ['GET /\r\n', 'bad_request: the request line is not method, target and version'],
    ['GET /\tHTTP/1.1\r\n', 'bad_request: the request line is not method, target and version'],
    ['GET / HTTPS/1.1\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET / http/1.1\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET / HTTP/1,1\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET / HTTP/x.1\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET / HTTP/1.x\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET /  HTTP/1.1\r\n', 'bad_request: the version is not HTTP/1.1'],
    ['GET / X', 'bad_request: the version is not HTTP/1.1'],
    ['GET / HTTP/1.1 \r\n', 'bad_request: the request line does not end in CRLF'],
    ['GET / HTTP/1.10\r\n', 'bad_request: the request line does not end in CRLF'],
    ['GET / HTTP/1.1\n\n', 'bad_request: the request line does not end in CRLF'],
    ['GET / HTTP/1.1\rX', 'bad_request: the request line does not end in CRLF'],
    ['GET / HTTP/2.0\r\n', 'version_not_supported: undefined'],
    ['GET / HTTP/0.9\r\n', 'version_not_supported: undefined'],
    ['GET /# HTTP/1.1\r\nHost: a\r\n\r\n', 'bad_request: a character in the target that must be percent-encoded'],
    ['CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 'not_implemented: CONNECT asks for a forward proxy'],
    ['GET / HTTP/1.1\r\nHost : a\r\n\r\n', 'bad_request: white space in or after a field name'],
    ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n', 'bad_request: a Content-Length that is not a number'],
    [
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n',
      'not_implemented: a Transfer-Encoding that is not exactly chunked',
    ],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(1024)}\r\n\r\n`, 'headers_too_large: the header section is too large'],
    [`GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20)}\r\n`, 'headers_too_large: too many fields'],
  ])('%j is refused', (text, problem) => {
    expect(refusal(text)).toBe(problem);
  });

  test.each([
    ['HTTP/1.0', 0],
    ['HTTP/1.1', 1],
    ['HTTP/1.2', 1],
    ['HTTP/1.9', 1],
  ])('of %s is read as minor version %d', (version, minor) => {
    expect(parse(`GET / ${version}\r\nHost: a\r\n\r\n`).parser.minor).toBe(minor);
  });

  test('may have a target of the limit and no longer, and a longer one is refused before its end', () => {
    const target = `/${'x'.repeat(63)}`;
    expect(parse(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).next).toBeGreaterThan(0);
    expect(refusal(`GET ${target}y`)).toBe('uri_too_long: undefined');
  });
});

test.each(['XTTP/1.1', 'HXTP/1.1', 'HTXP/1.1', 'HTTX/1.1', 'HTTP.1.1', 'HTTP/1/1'])(
  '%s is no version, to its last character',
  (version) => {
    expect(refusal(`GET / ${version}\r\nHost: a\r\n\r\n`)).toBe('bad_request: the version is not HTTP/1.1');
  },
);

describe('Host (RFC 9112 §3.2)', () => {
  const host = (target: string, ...hosts: string[]) =>
    parse(`GET ${target} HTTP/1.1\r\n${hosts.map((one) => `Host: ${one}\r\n`).join('')}\r\n`);

  test.each([
    ['/', [], 'no Host'],
    ['http://a/', [], 'no Host'],
    ['/', ['a', 'a'], 'more than one Host'],
    ['/', ['a, b'], 'a Host that is not a host and port'],
    ['/', [''], 'a Host that is not a host and port'],
    ['/', ['a@b'], 'a Host that is not a host and port'],
    ['http://a/', ['b'], 'a Host that disagrees with the target'],
    ['http://a:81/', ['a'], 'a Host that disagrees with the target'],
    ['https://a:80/', ['a'], 'a Host that disagrees with the target'],
  ])('for %s may not be %j', (target, hosts, problem) => {
    expect(host(target, ...hosts).parser.error?.detail).toBe(problem);
  });

  test.each([
    ['/', 'A:80', 'A:80'],
    ['http://a/', 'A', 'a'],
    ['http://a:80/', 'a', 'a:80'],
    ['http://a/', 'a:80', 'a'],
    ['http://a/', 'a:', 'a'],
    ['https://a/', 'a:443', 'a'],
    ['http://[::1]/', '[::1]:80', '[::1]'],
  ])('for %s may be %s: the authority is %s', (target, name, authority) => {
    const { parser } = host(target, name);
    expect([parser.error, parser.authority]).toEqual([undefined, authority]);
  });

  test('may be missing in HTTP/1.0, not doubled', () => {
    expect(parse('GET / HTTP/1.0\r\n\r\n').parser.authority).toBe('');
    expect(parse('GET http://a/ HTTP/1.0\r\n\r\n').parser.authority).toBe('a');
    expect(parse('GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n').parser.error?.detail).toBe('more than one Host');
  });
});
