import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alternativeNames } from '../../src/server/alternative-names.ts';
import { issue } from '../support/certificates.ts';

test('whatever stands in a name, it is one name, and the same one', () => {
  // A client writes these itself, if its authority lets it.
  const value = fc.string({ unit: fc.constantFrom(...'ab.:, "\\\'/=+\n\0DNSURI'), minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('DNS', 'URI', 'email'), value), { minLength: 1, maxLength: 4 }), (names) => {
      const { cert } = issue({ names: names.map(([kind, text]) => `${kind}:${text}`) });
      expect(alternativeNames(new X509Certificate(cert)).map(({ kind, value: text }) => [kind, text])).toEqual(names);
    }),
    { numRuns: 400 },
  );
});

test('whatever the text, it is read without a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'DNS:, "\\aIPURI') }), (subjectAltName) => {
      alternativeNames({ subjectAltName } as X509Certificate);
    }),
    { numRuns: 3000 },
  );
});
