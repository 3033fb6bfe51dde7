import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY } from '../../../src/http/body.ts';
import type { ErrorCode } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { lineOf } from './line-of.ts';

const parsed = (...args: Parameters<typeof lineOf>) => JSON.parse(lineOf(...args)) as Record<string, unknown>;

describe('A JSON line', () => {
  test('says what everybody wants to know, in a fixed order', () => {
    const line = lineOf({}, { target: '/a?b=c', authority: 'h.test:81', method: 'PUT' }, (exchange) => {
      exchange.routeId = 'users';
      exchange.upstream = 'users/10.0.0.1:80';
      exchange.attempts = 2;
      return new Reply(200, undefined, 'hello');
    });
    expect(line).toBe(
      '{"level":"info","time":"2026-01-02T03:04:05.000Z","client":"192.0.2.7","method":"PUT","scheme":"http",' +
        '"host":"h.test:81","target":"/a?b=c","http":"1.1","status":200,"bytes":5,"duration_ms":12.500,"route":"users",' +
        '"upstream":"users/10.0.0.1:80","attempts":2,"request_id":"ID","msg":"request"}\n',
    );
  });

  test('leaves out what is not there', () => {
    const line = parsed({}, { authority: '', minor: 0 }, () => new Reply(200), { status: 502, error: 'upstream_reset' });
    expect(Object.keys(line)).toEqual(
      'level time client method scheme target http status duration_ms request_id error msg'.split(' '),
    );
    expect(line).toMatchObject({ http: '1.0', status: 502, error: 'upstream_reset' });
  });

  test('tells what is wrong with an upstream, and nothing of faults of our own', () => {
    const cause = new Error('connect "ECONNREFUSED"');
    const ending = (error: ErrorCode) => parsed({}, {}, () => new Reply(502), { status: 502, error, cause });
    expect(ending('upstream_connect')['problem']).toBe('connect "ECONNREFUSED"');
    expect(ending('internal')).not.toHaveProperty('problem');
    expect(ending('client_gone')).not.toHaveProperty('problem');
  });

  test('tells the request as it came, whatever layers make of it', () => {
    const headers = Headers.from([['X-A', 'before']]);
    const line = parsed({ fields: ['target', 'host', 'request_header:X-A'] }, { target: '/old', headers }, (exchange) => {
      exchange.target = '/new';
      exchange.authority = 'new.test';
      exchange.headers.set('x-a', 'after');
      return new Reply(200);
    });
    expect(line).toMatchObject({ target: '/old', host: 'example.test', 'request_header:x-a': 'before' });
  });

  test('has the fields that were chosen, in their order, each once', () => {
    const headers = Headers.from([
      ['User-Agent', 'curl/8'],
      ['Referer', 'https://r.test/?cookie=1'],
    ]);
    const fields = ['status', 'user_agent', 'path', 'query', 'referer', 'status', 'response_header:X-B', 'request_header:x-none'];
    const line = parsed({ fields }, { headers, target: '/a/b?c=d' }, () => new Reply(200, Headers.from([['x-b', 'y']])));
    expect(Object.entries(line)).toEqual([
      ['level', 'info'],
      ['status', 200],
      ['user_agent', 'curl/8'],
      ['path', '/a/b'],
      ['query', 'c=d'],
      ['referer', 'https://r.test/?cookie=[redacted]'],
      ['response_header:x-b', 'y'],
      ['msg', 'request'],
    ]);
  });

  test('may have the usual ones and more', () => {
    const line = parsed({ fields: ['default', 'request_header:x-tenant'] }, { headers: Headers.from([['X-Tenant', 't']]) });
    expect(Object.keys(line).slice(-3)).toEqual(['request_id', 'request_header:x-tenant', 'msg']);
  });

  test('hides what is to be hidden, in fields and in queries', () => {
    const headers = Headers.from([
      ['Authorization', 'Bearer s3cret'],
      ['X-Key', 's3cret'],
    ]);
    const fields = ['target', 'query', 'request_header:authorization', 'request_header:x-key', 'response_header:set-cookie'];
    const line = lineOf(
      { fields, redact: ['authorization', 'X-Key', 'cookie'] },
      { headers, target: '/?x-key=s3cret&Authorization=s3cret' },
      () => new Reply(200, Headers.from([['Set-Cookie', 'a=s3cret']])),
    );
    expect(line).not.toContain('s3cret');
    expect(line.match(/\[redacted\]/g)).toHaveLength(7);
  });
});

describe('The bytes of a reply', () => {
  const source = (length: number) => ({ ...EMPTY, length });
  test.each([
    ['a text', 'GET', new Reply(200, undefined, 'abc'), 3],
    ['bytes', 'GET', new Reply(200, undefined, Buffer.from('abcd')), 4],
    ['nothing', 'GET', new Reply(200), 0],
    ['a stream of known length', 'GET', new Reply(200, undefined, source(77)), 77],
    ['a stream of unknown length', 'GET', new Reply(200, undefined, source(-1)), undefined],
    ['a head alone', 'HEAD', new Reply(200, undefined, 'abc'), 0],
    ['a status without a body', 'GET', new Reply(304, undefined, source(5)), 0],
  ])('are told when they are known: %s', (_, method, reply, bytes) => {
    expect(parsed({}, { method }, () => reply)['bytes']).toBe(bytes);
  });

  test('are not told when the reply broke off', () => {
    expect(parsed({}, {}, () => new Reply(200, undefined, source(77)), { error: 'upstream_reset' })).not.toHaveProperty('bytes');
  });
});

test('whatever a request says, its line is one line of ASCII that JSON.parse reads', () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(text, text, text, (target, authority, method) => {
      const line = lineOf({ redact: [] }, { target, authority, method });
      expect(line).toMatch(/^[\x20-\x7e]*\n$/);
      expect(JSON.parse(line)).toMatchObject({ target, method, ...(authority === '' ? {} : { host: authority }) });
    }),
    { numRuns: 500 },
  );
});
