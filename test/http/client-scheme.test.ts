import { expect, test } from 'vitest';
import { clientScheme } from '../../src/http/client-scheme.ts';
import { Headers } from '../../src/http/headers.ts';
import { exchangeOf } from '../support/exchanges.ts';

test.each<[string, boolean, 'http' | 'https', string[], string]>([
  ['nobody says otherwise', true, 'https', [], 'https'],
  ['a trusted proxy says', true, 'http', ['https'], 'https'],
  ['a trusted proxy says, in any case', true, 'http', ['HTTPS'], 'https'],
  ['a trusted proxy says that it was plain', true, 'https', ['http'], 'http'],
  ['the connection is, whatever a client claims', false, 'http', ['https'], 'http'],
  ['the connection is, whatever a client claims, over TLS too', false, 'https', ['http'], 'https'],
  ['the connection is where several have spoken', true, 'http', ['https, http'], 'http'],
  ['the connection is where two fields have spoken', true, 'http', ['https', 'http'], 'http'],
  ['the connection is where it is no scheme of HTTP', true, 'http', ['wss'], 'http'],
  ['the connection is where nothing is said', true, 'https', [''], 'https'],
])('The client speaks as %s', (_, trusted, scheme, told, expected) => {
  const headers = Headers.from(told.map((value): [string, string] => ['X-Forwarded-Proto', value]));
  expect(clientScheme(exchangeOf({ scheme, headers, peer: { trusted } }))).toBe(expected);
});
