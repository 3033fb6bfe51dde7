import { expect, test } from 'vitest';
import { challenge, scopeChallenge } from '../../../src/layers/authentication/challenge.ts';

test.each([
  ['jwt', 'Bearer realm="users"'],
  ['basic', 'Basic realm="users", charset="UTF-8"'],
  ['api_key', 'ApiKey realm="users"'],
  ['certificate', 'Certificate realm="users"'],
] as const)('who shows nothing is asked for %s by: %s', (method, text) => {
  expect(challenge(method, 'users')).toBe(text);
});

test('RFC 6750 §3.1: a token that does not hold is told why', () => {
  expect(challenge('jwt', 'users', { refused: 'invalid_token', description: 'The token has expired' })).toBe(
    'Bearer realm="users", error="invalid_token", error_description="The token has expired"',
  );
});

test('a description cannot leave its quotes', () => {
  expect(challenge('jwt', 'users', { refused: 'invalid_request', description: 'a"b\\c\r\nX: d\u00e9' })).toBe(
    'Bearer realm="users", error="invalid_request", error_description="abcX: d"',
  );
});

test('only tokens have reasons: RFC 7617 knows none', () => {
  expect(challenge('basic', 'users', { refused: 'invalid_token', description: 'x' })).toBe(
    'Basic realm="users", charset="UTF-8"',
  );
});

test('RFC 6750 §3.1: who has too little is told the scopes, if there are any', () => {
  expect(scopeChallenge('users', ['a', 'b:c'])).toBe('Bearer realm="users", error="insufficient_scope", scope="a b:c"');
  expect(scopeChallenge('users', [])).toBe('Bearer realm="users", error="insufficient_scope"');
});
