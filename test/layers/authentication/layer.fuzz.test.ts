import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Headers } from '../../../src/http/headers.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { basicField } from './consumer-of.ts';
import { challenges, gateOf } from './gate.ts';

const scraps = [
  'Basic',
  'basic ',
  'Bearer',
  'key-of-alice',
  'api_key',
  '=',
  '&',
  '?',
  '%',
  '%00',
  ' ',
  '\t',
  ',',
  '"',
  '\xff',
  'YTpi',
  ':',
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...scraps), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
  }),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
  fc.constantFrom(basicField('alice', 'open sesame'), basicField('alice', 'x'), 'key-of-alice', 'key-of-bob', ''),
);
const fields = fc.array(fc.tuple(fc.constantFrom('Authorization', 'X-API-Key', 'x-api-key', 'X_API_Key', 'Accept'), text), {
  maxLength: 4,
});
const target = text.map((query) => `/a?${query.replaceAll(/[^\x21-\x7e]/g, '')}`);

test('whatever a client sends as credentials is answered: let in without them, or 400, 401, 403 with challenges', async () => {
  const { handler, seen } = gateOf(['api_key', 'basic', 'certificate']);
  await fc.assert(
    fc.asyncProperty(fields, target, async (list, path) => {
      const before = seen.length;
      const safe = list.map(([name, value]) => [name, value.trim()] as const);
      const reply = await handler(exchangeOf({ headers: Headers.from(safe), target: path }));
      if (reply.status === 200) {
        const [passed] = seen.slice(before);
        expect(passed?.identity?.consumer).toMatch(/alice|bob/);
        const names = (passed?.fields ?? []).filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
        expect(names).not.toContain('x-api-key');
        expect(passed?.target).not.toMatch(/[?&]api_key(?:[=&]|$)/);
      } else {
        expect([400, 401]).toContain(reply.status);
        expect(challenges(reply)).toHaveLength(3);
        expect(seen.length).toBe(before);
      }
    }),
    { numRuns: 600 },
  );
});
