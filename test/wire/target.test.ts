import { describe, expect, test } from 'vitest';
import { hostOf, readTarget, type Target } from '../../src/wire/target.ts';

function read(text: string, method = 'GET'): Target | string {
  const buf = Buffer.from(`${method} ${text} HTTP/1.1`, 'latin1');
  const start = method.length + 1;
  return readTarget(buf, start, start + text.length, method, text);
}

describe('A request target (RFC 9112 §3.2)', () => {
  test.each([
    '/',
    '/a/b',
    '/a;b=c,d',
    '/%20%C3%a4',
    '/a?b=c&d',
    '/?',
    '/a?b?c/d',
    '/[a]',
    '/a?{b}|^`\\',
    "/!$&'()*+,;=:@-._~",
    '//a',
  ])('may be the path %s', (text) => expect(read(text)).toEqual({ form: 'origin', authority: '', value: text }));

  test.each(['/a b', '/a#b', '/a{b}', '/a"', '/a<', '/a|b', '/a\\b', '/\x7f', '/\xc4', '/?a"', '/?a#b', '/?\xc4', '/\0'])(
    'may not have %j unencoded',
    (text) => expect(read(text)).toBe('a character in the target that must be percent-encoded'),
  );

  test.each(['/%', '/%2', '/%zz', '/%2g', '/%g2', '/a%', '/?%4', '/%00', '/a?%00', '/%%41'])(
    'may not have the encoding in %s',
    (text) => {
      expect(read(text)).toBe('a character in the target that must be percent-encoded');
    },
  );

  test('is read from its own bytes, not from what stands behind it', () => {
    expect(read('/%4')).toBeTypeOf('string');
    const buf = Buffer.from('/%41');
    expect(readTarget(buf, 0, 3, 'GET', '/%4')).toBeTypeOf('string');
  });

  test.each([
    ['http://a', 'GET', { form: 'absolute', authority: 'a', scheme: 'http', value: '/' }],
    ['HTTP://A:80/b?c', 'GET', { form: 'absolute', authority: 'A:80', scheme: 'http', value: '/b?c' }],
    ['https://a/', 'GET', { form: 'absolute', authority: 'a', scheme: 'https', value: '/' }],
    ['http://a?b', 'GET', { form: 'absolute', authority: 'a', scheme: 'http', value: '/?b' }],
    ['http://[::1]:8080/', 'GET', { form: 'absolute', authority: '[::1]:8080', scheme: 'http', value: '/' }],
    ['http://a', 'OPTIONS', { form: 'asterisk', authority: 'a', scheme: 'http', value: '*' }],
    ['http://a/', 'OPTIONS', { form: 'absolute', authority: 'a', scheme: 'http', value: '/' }],
  ] as const)('may be the URL %s of %s', (text, method, target) => {
    expect(read(text, method)).toEqual(target);
  });

  test.each([
    'http://',
    'http:///a',
    'http://a@b/',
    'http://a:b/',
    'http://a:99999/',
    'http://[::1/',
    'http://a%20b/',
    'http://:80/',
  ])('may not be %s, which has no valid host', (text) => expect(read(text)).toBe('an absolute target without a valid host'));

  test.each(['a', 'a/b', 'ftp://a/', 'http:/a', 'http:a', '?a', '**', 'a:80', 'ws://a/'])('may not be %s', (text) => {
    expect(read(text)).toBe('a target that is neither a path nor an http URL');
  });

  test('may not have a character in a URL that must be encoded', () => {
    expect(read('http://a/b"')).toBe('a character in the target that must be percent-encoded');
    expect(read('http://a/b#c')).toBe('a character in the target that must be percent-encoded');
  });

  test('may be "*" for OPTIONS only', () => {
    expect(read('*', 'OPTIONS')).toEqual({ form: 'asterisk', authority: '', value: '*' });
    expect(read('*')).toBe('the target "*" is for OPTIONS');
  });

  test.each(['a:443', '/', 'http://a/'])('is nothing to CONNECT to: %s', (text) => {
    expect(read(text, 'CONNECT')).toBe('CONNECT asks for a forward proxy');
  });
});

describe('A host and port', () => {
  test.each([
    ...['a', 'a.example', 'A-b_c.1~', '127.0.0.1', 'a:', 'a:0', 'a:80', 'a:65535', 'a.', '[::1]', '[::1]:443', '[2001:db8::1]'],
    ...['[::ffff:1.2.3.4]', '[v1.a:b]', '[V1f.x]:1'],
  ])('is %s', (text) => expect(hostOf(text)).toBe(true));

  test.each([
    ...['', ':', ':80', 'a:b', 'a:65536', 'a:100000', 'a:80:80', 'a b', 'a/b', 'a?b', 'a#b', 'u@a', 'a,b', 'a%20', 'ä', 'a\0'],
    ...[
      '[',
      '[]',
      '[:::]',
      '[1::2::3]',
      '[::1',
      '::1',
      '[::1]a',
      '[::1]:65536',
      '[1:2:3:4:5:6:7:8:9]',
      '[g::]',
      '[v.a]',
      '[::1%25eth0]',
    ],
  ])('is not %j', (text) => expect(hostOf(text)).toBe(false));
});
