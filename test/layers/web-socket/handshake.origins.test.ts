import { expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { webSocketSchema } from '../../../src/layers/web-socket/config.ts';
import { handshakeTerms, readHandshake } from '../../../src/layers/web-socket/handshake.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const ALLOWED = ['https://app.example.com', 'https://*.example.org', 'http://localhost:3000'];
const RIGHT: [string, string][] = [
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
];

function connects(origin: string | undefined, allowed_origins: string[]): boolean {
  const fields: [string, string][] = origin === undefined ? RIGHT : [...RIGHT, ['Origin', origin]];
  const exchange = exchangeOf({ headers: Headers.from(fields), upgrade: 'websocket' });
  try {
    readHandshake(exchange, handshakeTerms(webSocketSchema.parse({ allowed_origins })));
    return true;
  } catch (refusal) {
    expect(refusal).toMatchObject({ code: 'upgrade_refused', detail: 'Pages of this origin may not connect' });
    return false;
  }
}

test.each<[string | undefined, boolean]>([
  [undefined, true],
  ['https://app.example.com', true],
  ['https://a.example.org', true],
  ['https://a-1.b.example.org', true],
  ['http://localhost:3000', true],
  // No page: browsers write it in lower case.
  ['HTTPS://App.Example.com', false],
  ['http://app.example.com', false],
  ['https://app.example.com:8443', false],
  ['https://evil.example.com', false],
  ['https://example.org', false],
  ['https://.example.org', false],
  ['https://evil.com/.example.org', false],
  ['https://evil.com?.example.org', false],
  ['https://user@a.example.org', false],
  ['https://a.example.org.evil.com', false],
  ['https://evilexample.org', false],
  ['http://localhost:30001', false],
  ['null', false],
  ['', false],
  ['https://app.example.com, https://app.example.com', false],
])('A page of %s connects where some may: %s', (origin, allowed) => {
  expect(connects(origin, ALLOWED)).toBe(allowed);
});

test('Without a list every page may connect', () => {
  expect(connects('https://anybody.example', [])).toBe(true);
});
