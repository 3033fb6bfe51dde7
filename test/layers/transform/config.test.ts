import { describe, expect, test } from 'vitest';
import { transformParams, transformSchema } from '../../../src/layers/transform/config.ts';

const problem = (written: unknown) => {
  const { error } = transformSchema.safeParse(written);
  const paths = JSON.stringify(error?.issues ?? []);
  const messages = [...paths.matchAll(/"message":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text as string) as string);
  return messages.join(' | ');
};

test('nothing is changed by default', () => {
  const none = { add: {}, set: {}, remove: [] };
  expect(transformSchema.parse({})).toEqual({ request_headers: none, response_headers: none });
});

describe('A field that the gateway writes itself is refused', () => {
  const framing = ['Connection', 'content-length', 'Keep-Alive', 'TE', 'Trailer', 'TRANSFER-ENCODING', 'Upgrade'];
  const forwarding = ['Forwarded', 'Via', 'X-Forwarded-For', 'X-Real-IP', 'X-Request-ID', 'Expect', 'Max-Forwards'];
  test.each([
    ...[...framing, ...forwarding].map((name) => ['request_headers', name]),
    ...[...framing, 'Date', 'Proxy-Connection'].map((name) => ['response_headers', name]),
  ])('in %s: %s', (part, name) => {
    for (const changes of [{ add: { [name]: 'x' } }, { set: { [name]: 'x' } }, { remove: [name] }])
      expect(problem({ [part]: changes })).toContain(`the gateway writes ${name} itself`);
  });

  test('and Host, which every request has once, is neither added nor removed', () => {
    expect(problem({ request_headers: { add: { host: 'a' } } })).toContain('it can be set, as transform.host');
    expect(problem({ request_headers: { remove: ['HOST'] } })).toContain('it can be set, as transform.host');
    expect(problem({ response_headers: { set: { Host: 'a' } } })).toBe('');
  });

  test('and the id of a reply is told to take another name', () => {
    expect(problem({ response_headers: { set: { 'X-Request-ID': '1' } } })).toContain('another name may have "{request_id}"');
    expect(problem({ response_headers: { remove: ['x-request-id'] } })).toContain('X-Request-ID itself');
  });

  test('and others are not', () => {
    const remove = ['Server', 'X-Powered-By', 'Set-Cookie', 'ETag'];
    const add = { Link: '</a>; rel=preload' };
    expect(problem({ response_headers: { remove, add }, request_headers: { remove: ['Authorization', 'Cookie'] } })).toBe('');
  });
});

describe('A value', () => {
  test.each(['', 'plain', 'user-{jwt:sub}', '{{literal}}', 'naïve ☃', 'a\tb', '{header:X-A}, {client_ip}'])(
    'may be %j',
    (text) => {
      expect(problem({ request_headers: { set: { 'X-A': text } } })).toBe('');
    },
  );

  test.each([
    ['a\r\nX: y', /not a field value/],
    ['a\nb', /not a field value/],
    ['a\0b', /not a field value/],
    ['a\x7fb', /not a field value/],
    [' a', /not a field value/],
    ['a\t', /not a field value/],
    ['\ud800', /not a field value/],
    ['{', /alone/],
    ['{nothing:x}', /there is no/],
    ['{header:a b}', /not a field name/],
  ])('may not be %j', (text, message) => {
    expect(problem({ request_headers: { set: { 'X-A': text } } })).toMatch(message);
    expect(problem({ response_headers: { add: { 'X-A': text } } })).toMatch(message);
  });
});

test.each([
  [{ request_headers: { set: { 'X A': 'x' } } }, /not a field name/],
  [{ request_headers: { remove: ['X-A:'] } }, /not a field name/],
  [{ response_headers: { add: { '': 'x' } } }, /not a field name/],
  [{ response_headers: { set: { 'X-A': 'x', 'x-a': 'y' } } }, /two fields have one name/],
  [{ strip_prefix: '/api', rewrite: '/v2' }, /nothing is left to strip/],
  [{ request_headers: { change: {} } }, /change/],
])('%j is refused', (written, message) => expect(problem(written)).toMatch(message));

describe('A path to rewrite to', () => {
  test.each([
    '/',
    '/v2/users/{id}',
    '/v2/users/{id}/',
    '/v2/{host}/x',
    '/{consumer}/{id}',
    '/v2{path}',
    '{path}',
    '/v2?x={query:y}&z={path}',
    '/a%2Fb/%C3%A4',
    "/a;b=c,d/e@f:!$&'()*+",
    '/...{id}',
  ])('may be %s', (rewrite) => expect(problem({ rewrite })).toBe(''));

  test.each([
    ['', /not a path/],
    ['v2', /not a path/],
    ['{id}', /not a path/],
    ['https://a.example/', /spelling|not a path/],
    ['//a.example/x', /one spelling/],
    ['/{path}', /one spelling/],
    ['/a/../b', /one spelling/],
    ['/a/./{id}', /one spelling/],
    ['/a/..', /one spelling/],
    ['/a//b', /one spelling/],
    ['/%61', /one spelling/],
    ['/a/..;x/b', /one spelling/],
    ['/a%2f', /not a path/],
    ['/a b', /not a path/],
    ['/a#b', /not a path/],
    ['/ä', /not a path/],
    ['/a\\b', /not a path/],
    ['/a\r\nb', /not a path/],
    ['/a%', /not a path/],
    ['/a%2{id}', /not a path/],
    ['/a%{id}', /not a path/],
    ['/a?x=%{id}', /not a path/],
    ['/a?x=#', /not a path/],
    ['/{', /alone/],
  ])('may not be %j', (rewrite, message) => expect(problem({ rewrite })).toMatch(message));
});

describe('A prefix', () => {
  test.each(['/api', '/api/v1', '/a%2Fb'])('may be %s', (strip_prefix) => expect(problem({ strip_prefix })).toBe(''));

  test.each(['', '/', 'api', '/api/', '//api', '/api//v1', '/a/../b', '/%61pi', '/a%2f', '/a?b', '/a b', '/{id}', '/ä'])(
    'may not be %j',
    (strip_prefix) => expect(problem({ strip_prefix })).toMatch(/not a prefix|one spelling/),
  );
});

describe('A host', () => {
  test.each(['a', 'users.internal', 'users.internal:8080', '127.0.0.1:1', '[::1]', '[::1]:65535', '_a.b-c'])(
    'may be %s',
    (host) => expect(problem({ host })).toBe(''),
  );

  test.each([
    '',
    'a b',
    'a:65536',
    'a:',
    'a:x',
    'a/b',
    'http://a',
    'u@a',
    'a..b',
    '.a',
    'a\r\nb',
    '::1',
    '[x]',
    'ä.example',
    '{host}',
    '{header:x-host}',
    '[1]',
    '[:::]',
    'a:0',
    'a:080',
  ])('may not be %j', (host) => {
    expect(problem({ host })).toMatch(/not a host/);
    expect(problem({ request_headers: { set: { Host: host } } })).toMatch(/not a host|not a field value|there is no/);
  });

  test('is written in lower case', () => expect(transformSchema.parse({ host: 'A.Example' }).host).toBe('a.example'));

  test.each(['Host', 'host', 'HOST'])('may be set as the field %s, which means the same', (name) => {
    const { host, request_headers } = transformSchema.parse({ request_headers: { set: { [name]: 'A.Example:81', 'X-A': 'b' } } });
    expect([host, request_headers.set]).toEqual(['a.example:81', { 'X-A': 'b' }]);
  });

  test('is said once, and what is wrong with it where it stands', () => {
    const set = { Host: 'b.example' };
    expect(problem({ host: 'a.example', request_headers: { set } })).toBe('host says it already: keep one of the two');
    expect(problem({ request_headers: { set: { Host: 'a', host: 'b' } } })).toContain('two fields have one name');
    const { error } = transformSchema.safeParse({ request_headers: { set: { Host: 'a b' } } });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['request_headers.set.Host']);
  });
});

test('the parameters of the path that it names are told once each', () => {
  const config = transformSchema.parse({
    rewrite: '/{id}/{rest}',
    request_headers: { set: { A: '{id}' }, add: { B: '{b}' } },
    response_headers: { set: { C: '{c}' } },
  });
  expect(transformParams(config).sort()).toEqual(['b', 'c', 'id', 'rest']);
  expect(transformParams(transformSchema.parse({}))).toEqual([]);
});
