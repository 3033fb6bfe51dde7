import { expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { Entry } from '../../../src/layers/access-log/entry.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const ended = { status: 200, error: undefined };

test('an entry keeps the fields that a line names, and no others', () => {
  const exchange = exchangeOf({
    headers: Headers.from([
      ['X-A', '1'],
      ['X-B', '2'],
    ]),
  });
  expect(new Entry(exchange, ['x-b', 'x-c']).fields).toEqual(['2', undefined]);
  expect(new Entry(exchange, []).fields).toBeUndefined();
});

test('the bytes of a tunnel are not those of a reply', () => {
  const exchange = exchangeOf();
  const entry = new Entry(exchange, []);
  expect([entry.bytes(ended), entry.replyHeaders]).toEqual([undefined, undefined]);
  exchange.reply = new Reply(101, undefined, { fromUpstream: {}, toUpstream: {} } as never);
  expect(entry.bytes(ended)).toBeUndefined();
});
