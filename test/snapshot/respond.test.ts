import { expect, test } from 'vitest';
import type { Reply } from '../../src/http/reply.ts';
import { respond } from '../../src/snapshot/respond.ts';
import { exchangeOf } from '../support/exchanges.ts';

const answer = (headers: Record<string, string>, body: string, status = 200): Reply =>
  respond({ status, headers, body })(exchangeOf()) as Reply;

test('a route may answer by itself: status, fields and body', () => {
  const reply = answer({ 'X-A': 'b', 'Content-Type': 'text/plain' }, 'hello', 203);
  expect([reply.status, reply.headers.flat(), reply.body]).toEqual([203, ['X-A', 'b', 'Content-Type', 'text/plain'], 'hello']);
});

test('its body goes out as UTF-8, one character a byte', () => {
  const { body } = answer({}, 'ä€😀');
  expect(Buffer.from(body as string, 'latin1').toString('utf8')).toBe('ä€😀');
});

test('an empty body is none', () => {
  expect(answer({}, '', 204).body).toBeUndefined();
});

test('no reply shares its fields with another', () => {
  const handler = respond({ status: 200, headers: { A: '1' }, body: '' });
  (handler(exchangeOf()) as Reply).headers.remove('a');
  expect((handler(exchangeOf()) as Reply).headers.get('a')).toBe('1');
});
