import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { normalizePath } from '../../../src/http/normalize-path.ts';
import { rewritePath } from '../../../src/layers/transform/path.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const hostile = fc.string({
  unit: fc.constantFrom(...'a.%2fFeE5cC;/\\?#&=+ :@"<>{}\r\n\t\0\x7f\x80\xff\u2603', '..', '%2e', '%2f', '%0d%0a', '\u{1f600}'),
  maxLength: 12,
});
/** What came in a head: no controls, one byte a character. */
const bytes = hostile.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
const target = rewritePath('/v2/{id}/{header:x-a}/{jwt:claim}/end?p={id}&h={header:x-a}&j={jwt:claim}&end');

function made(id: string, field: string, claim: string): string | undefined {
  const exchange = exchangeOf({ target: '/somewhere?a=b' });
  exchange.params = { id };
  exchange.headers.append('X-A', field);
  exchange.identity = { method: 'jwt', subject: '', consumer: '', groups: [], scopes: [], claims: { claim } };
  try {
    return target(exchange);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'bad_request') return undefined;
    throw error;
  }
}

test('whatever a request puts into a path stays in its place, or the request is refused', () => {
  let through = 0;
  fc.assert(
    fc.property(bytes, bytes, hostile, (id, field, claim) => {
      const out = made(id.replaceAll('/', ''), field, claim);
      if (out === undefined) return;
      through += 1;
      expect(out).toMatch(/^[\x21-\x7e]+$/);
      expect(out).not.toMatch(/[#\\"<>{}]|%(?![0-9A-Fa-f]{2})/);
      const [path = '', query = '', ...more] = out.split('?');
      expect(more).toEqual([]);
      const segments = path.split('/');
      expect([segments.length, segments[1], segments[5]]).toEqual([6, 'v2', 'end']);
      // Nobody who decodes once more, or takes what stands for a slash for one, comes out above it.
      for (const segment of segments.slice(2, 5))
        for (const part of segment.split(/%2F|%5C/i)) expect(part.replace(/(;|%3B).*$/i, '')).not.toMatch(/^\.\.?$/);
      expect(query.split('&').map((pair) => pair.split('=')[0])).toEqual(['p', 'h', 'j', 'end']);
      expect(normalizePath(out, 'off')).toBe(out);
    }),
    { numRuns: 3000 },
  );
  expect(through).toBeGreaterThan(100);
});

test('a field or a claim comes out as it was, once it is decoded', () => {
  const word = fc.string({ unit: fc.constantFrom(...'aZ09-_~ /?#&=+%:@;'), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(word, word, (field, claim) => {
      const out = made('x', field, claim);
      if (out === undefined) return;
      const query = new Map(
        (out.split('?')[1] ?? '').split('&').map((pair) => pair.split('=').map(decodeURIComponent) as [string, string]),
      );
      expect([query.get('h'), query.get('j')]).toEqual([field, claim]);
    }),
  );
});
