import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTemplate } from '../../../src/http/template.ts';
import { transformSchema } from '../../../src/layers/transform/config.ts';
import { fieldText, settled } from '../../../src/layers/transform/text.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const NAMES = ['{query:q}', '{cookie:c}', '{header:x-a}', '{jwt:claim}', '{user}', '{id}', '{path}', '{host}', '{client_ip}'];
const written = fc.string({
  unit: fc.constantFrom(...NAMES, ...'{}:a \t\r\n\0%ä☃', '{{', '}}', '{nothing', 'jwt:'),
  maxLength: 8,
});
const hostile = fc.string({
  unit: fc.constantFrom(
    ...'a \t\r\n\0\x7f\x80\x85\xa0\xff%;,:"=&',
    '\u010d\u010a',
    '\u2028',
    '\ud800',
    '%0d%0a',
    '\r\nX-Evil: 1',
  ),
  maxLength: 10,
});
/** What came in a head: no controls, one byte a character. */
const bytes = hostile.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
/** What a field may hold (RFC 9110 §5.5), without the spaces around it that are no part of it. */
const VALUE = /^(?![\t ])[\t\x20-\x7e\x80-\xff]*(?<![\t ])$/;

test('a text is refused with a reason, or can be filled in', () => {
  let accepted = 0;
  fc.assert(
    fc.property(written, (text) => {
      const { success, error } = transformSchema.safeParse({ request_headers: { set: { 'X-A': text } } });
      if (!success) {
        expect(error?.issues[0]?.message).not.toBe('');
        return;
      }
      accepted += 1;
      expect(typeof parseTemplate(text)).toBe('object');
      const value = settled(fieldText(text)(exchangeOf()));
      if (value !== undefined) expect(value).toMatch(VALUE);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

test('whatever a request has in it, a field that is filled in with it is one field', () => {
  const text = fieldText('{query:q}{cookie:c}{header:x-a}{jwt:claim}{user}{id}');
  const each = NAMES.map(fieldText);
  fc.assert(
    fc.property(hostile, bytes, hostile, (decoded, field, claim) => {
      const query = encodeURIComponent(decoded.toWellFormed());
      const exchange = exchangeOf({ target: `/a?q=${query}` });
      exchange.headers.append('X-A', field);
      exchange.headers.append('Cookie', `c=${field}`);
      exchange.params = { id: field };
      exchange.identity = { method: 'jwt', subject: claim, consumer: '', groups: [], scopes: [], claims: { claim } };
      for (const fill of [text, ...each]) {
        const value = settled(fill(exchange));
        if (value === undefined) continue;
        expect(value).toMatch(VALUE);
        // The same check as a field that anybody writes goes through.
        expect(() => exchange.headers.append('X-Out', value)).not.toThrow();
        exchange.headers.remove('x-out');
      }
    }),
    { numRuns: 2000 },
  );
});
