import { expect, test } from 'vitest';
import { preflightMethod } from '../../src/http/preflight.ts';
import { arrived } from '../support/arrived.ts';
import { exchangeOf } from '../support/exchanges.ts';

const [ORIGIN, ASKS] = ['Origin: https://a.example', 'Access-Control-Request-Method: PUT'];

test.each<[string, string, string[], string | undefined]>([
  ['a preflight', 'OPTIONS', [ORIGIN, ASKS], 'PUT'],
  ['one of an origin without a name', 'OPTIONS', ['Origin: null', ASKS], 'PUT'],
  ['one with an empty origin', 'OPTIONS', ['Origin:', ASKS], 'PUT'],
  ['one that asks twice', 'OPTIONS', [ORIGIN, ASKS, 'access-control-request-method: GET'], 'PUT, GET'],
  ['one that asks for nothing', 'OPTIONS', [ORIGIN, 'Access-Control-Request-Method:'], undefined],
  ['OPTIONS without an origin', 'OPTIONS', [ASKS], undefined],
  ['OPTIONS that does not ask', 'OPTIONS', [ORIGIN], undefined],
  ['another method', 'GET', [ORIGIN, ASKS], undefined],
])('%s', (_, method, fields, asked) => {
  expect(preflightMethod(exchangeOf({ method, headers: arrived(...fields) }))).toBe(asked);
});
