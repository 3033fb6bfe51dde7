import { describe, expect, test } from 'vitest';
import { Headers } from '../../../../src/http/headers.ts';
import { bearerToken } from '../../../../src/layers/authentication/jwt/bearer.ts';
import { isRefused } from '../../../../src/layers/authentication/method.ts';

const SEVERAL = 'the request shows more than one credential';
const EMPTY = 'the request shows no token after Bearer';

function found(field: string, ...values: string[]) {
  const token = bearerToken(Headers.from(values.map((value) => [field, value] as const)), field.toLowerCase());
  return token !== undefined && typeof token !== 'string' && isRefused(token) ? [token.refused, token.description] : token;
}

describe('The token of a request', () => {
  test.each([
    [['Bearer a.b.c'], 'a.b.c'],
    [['bearer a.b.c'], 'a.b.c'],
    [['BEARER   a.b.c'], 'a.b.c'],
    [['Bearer a b'], 'a b'],
    [['Bearer a,b'], 'a,b'],
    [[], undefined],
    [[''], undefined],
    [['Basic YWxpY2U6c2VjcmV0'], undefined],
    [['Digest username="a", realm="b"'], undefined],
    [['Bearera.b.c'], undefined],
    [['Bearer\ta.b.c'], undefined],
    [['a.b.c'], undefined],
    [['Bearer'], ['invalid_request', EMPTY]],
    [['Bearer '], ['invalid_request', EMPTY]],
    [
      ['Bearer a', 'Bearer a'],
      ['invalid_request', SEVERAL],
    ],
    [
      ['Bearer a', 'Basic b'],
      ['invalid_request', SEVERAL],
    ],
    [
      ['Basic b', 'Bearer a'],
      ['invalid_request', SEVERAL],
    ],
    [
      ['', 'Bearer a'],
      ['invalid_request', SEVERAL],
    ],
  ])('in Authorization %j is %j', (values, token) => {
    expect(found('Authorization', ...values)).toEqual(token);
  });

  test.each([
    [['a.b.c'], 'a.b.c'],
    [['Bearer a.b.c'], 'a.b.c'],
    [['bEARER a.b.c'], 'a.b.c'],
    [['Basic a'], 'Basic a'],
    [[''], undefined],
    [[], undefined],
    [['Bearer'], ['invalid_request', EMPTY]],
    [
      ['a.b.c', 'a.b.c'],
      ['invalid_request', SEVERAL],
    ],
  ])('in a field of its own %j is %j', (values, token) => {
    expect(found('X-Token', ...values)).toEqual(token);
  });
});
