import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../src/http/exchange.ts';
import { Headers } from '../../../src/http/headers.ts';
import type { Identity } from '../../../src/http/identity.ts';
import { Reply } from '../../../src/http/reply.ts';
import { identityHeadersSchema } from '../../../src/layers/identity-headers/config.ts';
import { identityHeaders } from '../../../src/layers/identity-headers/layer.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { RecordingSink } from '../../support/recording-sink.ts';

const ALICE: Identity = {
  ...{ method: 'jwt', subject: 'al\u00efce', consumer: 'alice', groups: [], scopes: [] },
  claims: { sub: 'al\u00efce', email: 'a@b\r\nX-Admin: 1', level: 3, parts: { a: 1 }, spaced: ' à\t' },
};

function pass(config: Record<string, string>, fields: readonly (readonly [string, string])[], identity?: Identity): string[] {
  const exchange = exchangeOf({ headers: Headers.from(fields) });
  exchange.identity = identity;
  return through(config, exchange).headers.flat();
}

function through(config: Record<string, string>, exchange: Exchange): Exchange {
  const reply = identityHeaders(identityHeadersSchema.parse(config))(() => new Reply(200))(exchange);
  expect(reply).toBeInstanceOf(Reply);
  return exchange;
}

describe('Identity headers', () => {
  test('tell the upstream who asks', () => {
    const config = { 'X-Consumer': '{consumer}', 'X-User': 'u:{jwt:sub}', 'X-Level': '{jwt:level}', 'X-From': '{client_ip}' };
    expect(pass(config, [['Accept', '*/*']], ALICE)).toEqual([
      ...['Accept', '*/*', 'X-Consumer', 'alice', 'X-User', Buffer.from('u:al\u00efce').toString('latin1')],
      ...['X-Level', '3', 'X-From', '192.0.2.7'],
    ]);
  });

  test('have no spaces around, and all bytes of what is none', () => {
    // Its last byte is a space to JavaScript.
    expect(pass({ 'X-A': '{jwt:spaced}' }, [], ALICE)).toEqual(['X-A', Buffer.from('à').toString('latin1')]);
  });

  test.each([
    ['as they are', 'X-Consumer-ID'],
    ['in another case', 'x-CONSUMER-id'],
    ['with underscores', 'X_Consumer_ID'],
    ['with one underscore', 'x-consumer_id'],
  ])('are never those of a client, %s, whether somebody is known or not', (_, name) => {
    const config = { 'X-Consumer-ID': '{consumer}' };
    const forged = [
      [name, 'root'],
      ['Accept', '*/*'],
      [name, 'admin'],
    ] as const;
    expect(pass(config, forged)).toEqual(['Accept', '*/*']);
    expect(pass(config, forged, ALICE)).toEqual(['Accept', '*/*', 'X-Consumer-ID', 'alice']);
  });

  test('are absent where a text cannot be filled in as a whole', () => {
    expect(pass({ 'X-A': 'u:{jwt:absent}', 'X-B': '{jwt:parts}', 'X-C': '{user}' }, [], { ...ALICE, subject: ' ' })).toEqual([]);
  });

  test('cannot be made to bring other fields', () => {
    expect(pass({ 'X-Email': '{jwt:email}' }, [], ALICE)).toEqual(['X-Email', 'a@b%0D%0AX-Admin: 1']);
  });

  test('are no trailers of a client either', () => {
    const source = new ManualSource(-1);
    const exchange = through({ 'X-User': '{user}' }, exchangeOf({ body: source }));
    const sink = new RecordingSink();
    exchange.body.pipe(sink);
    source.end(
      Headers.from([
        ['X_User', 'root'],
        ['X-Sum', '1'],
      ]),
    );
    expect(sink.trailers?.flat()).toEqual(['X-Sum', '1']);
  });

  test('leave a body of a known length alone: it has no trailers', () => {
    const body = new ManualSource(5);
    expect(through({ 'X-User': '{user}' }, exchangeOf({ body })).body).toBe(body);
  });

  test('are safe with any identity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (subject, claim) => {
        const fields = pass({ 'X-A': '{user}', 'X-B': '-{jwt:a}-' }, [], { ...ALICE, subject, claims: { a: claim } });
        return fields.every((text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text));
      }),
    );
  });
});
