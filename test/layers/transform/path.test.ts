import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { rewritePath, stripPrefix } from '../../../src/layers/transform/path.ts';
import { arrived } from '../../support/arrived.ts';
import { exchangeOf } from '../../support/exchanges.ts';

describe('A prefix is cut', () => {
  test.each([
    ['/api', '/'],
    ['/api/', '/'],
    ['/api?x=1', '/?x=1'],
    ['/api/?x=1', '/?x=1'],
    ['/api/users', '/users'],
    ['/api/users?x=/api/y', '/users?x=/api/y'],
    ['/api/api/x', '/api/x'],
    ['/api/%2Fx', '/%2Fx'],
  ])('where it ends a segment: %s is %s', (target, left) => {
    expect(stripPrefix('/api')(exchangeOf({ target }))).toBe(left);
  });

  test.each(['/', '/apis', '/api.json', '/api;x', '/api%2Fx', '/API/x', '/x/api', '/apis?x=/api/', '/?/api/x'])(
    'nowhere else: %s stays',
    (target) => expect(stripPrefix('/api')(exchangeOf({ target }))).toBe(target),
  );
});

interface From {
  readonly target?: string;
  readonly params?: Record<string, string>;
  readonly fields?: string[];
  readonly claims?: Record<string, unknown>;
}

function rewritten(text: string, { target = '/users/7', params = {}, fields = [], claims = {} }: From = {}): string {
  const exchange = exchangeOf({ target, headers: arrived(...fields), authority: 'a.example' });
  exchange.params = params;
  exchange.identity = { method: 'jwt', subject: 's', consumer: 'c', groups: [], scopes: [], claims };
  return rewritePath(text)(exchange);
}

function problemOf(rewrite: () => string): unknown {
  try {
    return rewrite();
  } catch (error) {
    return error instanceof GatewayError ? error.code : error;
  }
}

describe('A path is made', () => {
  test.each<[string, From, string]>([
    ['/fixed', {}, '/fixed'],
    ['/v2/{id}', { params: { id: '7' } }, '/v2/7'],
    ['/v2/{id}/x', { params: { id: 'a%2Fb' } }, '/v2/a%2Fb/x'],
    ['/v2/{id}', { params: { id: "a;b=c,d@e:!$&'()*+" } }, "/v2/a;b=c,d@e:!$&'()*+"],
    ['/v2/{rest}', { params: { rest: 'a/b/c' } }, '/v2/a/b/c'],
    ['/v2/{rest}', { params: { rest: '' } }, '/v2/'],
    ['/v2{path}', { target: '/users/7?x=1' }, '/v2/users/7?x=1'],
    ['/{host}/{method}', {}, '/a.example/GET'],
    ['/{consumer}/{jwt:org}', { claims: { org: 'a b' } }, '/c/a%20b'],
    ['/v2/{header:x-a}', { fields: ['X-A: a/b?c#d&e;f=%2f'] }, '/v2/a%2Fb%3Fc%23d%26e%3Bf%3D%252f'],
    ['/v2/{cookie:c}', { fields: ['Cookie: c=a%2e%2e'] }, '/v2/a%252e%252e'],
    ['/v2/{query:q}', { target: '/x?q=a%2Fb' }, '/v2/a%2Fb?q=a%2Fb'],
    ['/v2/{query:q}', { target: '/x?q=%C3%A4' }, '/v2/%C3%A4?q=%C3%A4'],
    ['/v2/{jwt:city}', { claims: { city: 'Zürich ☃' } }, '/v2/Z%C3%BCrich%20%E2%98%83'],
    ['/v2/{header:x-a}', { fields: ['X-A: \xfc'] }, '/v2/%FC'],
  ])('of %s with %j', (text, from, target) => expect(rewritten(text, from)).toBe(target));

  test.each<[string, From, string]>([
    ['/v2', { target: '/x?a=1&b' }, '/v2?a=1&b'],
    ['/v2?c=3', { target: '/x?a=1' }, '/v2?c=3'],
    ['/v2?', { target: '/x?a=1' }, '/v2?'],
    ['/v2?id={id}', { params: { id: 'a&b=c+d?e#f' } }, '/v2?id=a%26b%3Dc%2Bd%3Fe%23f'],
    ['/v2?id={id}', { params: { id: 'a/../b%2Fc' } }, '/v2?id=a/../b%2Fc'],
    ['/v2?h={header:x-a}', { fields: ['X-A: a&b=c#d e'] }, '/v2?h=a%26b%3Dc%23d%20e'],
    ['/v2?p={path}', { target: '/a&b=c/d?e' }, '/v2?p=/a%26b%3Dc/d'],
  ])('with its query: %s of %j', (text, from, target) => expect(rewritten(text, from)).toBe(target));
});

describe('A request is refused with 400', () => {
  test.each([
    ['..', 'as it is'],
    ['.', 'here'],
    ['../x', 'with more behind'],
    ['x/../../y', 'in the middle'],
    ['..\\x', 'with a backslash'],
    ['..;x', 'with a parameter'],
    ['..;', 'with an empty one'],
  ])('when a value that is no part of the path, %j, leads elsewhere %s', (value) => {
    expect(problemOf(() => rewritten('/v2/{header:x-a}/secret', { fields: [`X-A: ${value}`] }))).toBe('bad_request');
    expect(problemOf(() => rewritten('/v2/{cookie:c}/secret', { fields: [`Cookie: c="${value.split(';')[0]}"`] }))).toBe(
      'bad_request',
    );
    expect(problemOf(() => rewritten('/v2/{jwt:x}/secret', { claims: { x: value } }))).toBe('bad_request');
    const target = `/x?q=${value.replaceAll(';', '%3b')}`;
    expect(problemOf(() => rewritten('/v2/{query:q}/secret', { target }))).toBe('bad_request');
    expect(problemOf(() => rewritten('/v2/{query:q}/secret', { target: target.replaceAll('.', '%2e') }))).toBe('bad_request');
  });

  test.each(['..', '%2e%2e', '%2E%2E', '.%2e', '..%2fx', '..%2Fx', '..%5Cx', 'a//b', '/a', 'a/', '%2f', '%41', '..;', '%00%'])(
    'or comes out changed, when a parameter is %j',
    (id) => {
      const out = problemOf(() => rewritten('/v2/{id}/x', { params: { id } }));
      if (out !== 'bad_request') expect(out).toBe(id === '%00%' ? '/v2/%00%25/x' : undefined);
    },
  );

  test('when what is fixed and what is filled in make a dot segment together', () => {
    expect(problemOf(() => rewritten('/v2/.{id}/x', { params: { id: '.' } }))).toBe('bad_request');
    expect(problemOf(() => rewritten('/v2/{id}{id}/x', { params: { id: '.' } }))).toBe('bad_request');
  });

  test.each(['{header:x-none}', '{query:none}', '{cookie:none}', '{jwt:none}', '{id}', '{client_cert:cn}'])(
    'when %s is not there',
    (text) => expect(problemOf(() => rewritten(`/v2/x${text}`))).toBe('bad_request'),
  );

  test('when a value is empty, or a segment would be', () => {
    expect(problemOf(() => rewritten('/v2/x{header:x-a}', { fields: ['X-A:'] }))).toBe('bad_request');
    expect(problemOf(() => rewritten('/v2/{id}/x', { params: { id: '' } }))).toBe('bad_request');
  });
});

test('a text that is none is a fault of whoever did not check it', () => {
  expect(() => rewritePath('/{')).toThrow('alone');
});
