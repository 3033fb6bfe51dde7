import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PublishedKey, readPublishedKeys } from '../../../../src/layers/authentication/jwt/published-keys.ts';
import { signer } from './signing.ts';

const rsa = signer('rsa').jwk;
const ec = signer('P-256').jwk;
const ed = signer('ed25519').jwk;
const read = (...keys: unknown[]) => readPublishedKeys(JSON.stringify({ keys })) ?? expect.fail('not a set');
const kids = (keys: PublishedKey[]) => keys.map(({ kid }) => kid);

describe('A JWK set', () => {
  test('has each key with the algorithms that go with it, and nothing that does not make the key', () => {
    const more = { use: 'sig', key_ops: ['verify'], x5c: ['AAAA'], x5t: 'a', ext: true, issuer: 'me' };
    expect(read({ ...rsa, kid: 'r', ...more }, { ...ec, kid: 'e', alg: 'ES256' }, ed)).toMatchObject([
      { kid: 'r', jwk: rsa, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] },
      { kid: 'e', jwk: ec, algorithms: ['ES256'] },
      { kid: undefined, jwk: ed, algorithms: ['EdDSA', 'Ed25519'] },
    ]);
  });

  test.each([
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a secret that says it is a key', { ...rsa, k: 'c2VjcmV0' }],
    ['a private key', { ...ec, d: 'AAAA' }],
    ['for encryption', { ...rsa, use: 'enc' }],
    ['of no use', { ...rsa, use: null }],
    ['for signing', { ...rsa, key_ops: ['sign'] }],
    ['for operations that are no list', { ...rsa, key_ops: 'verify' }],
    ['of an algorithm for encryption', { ...rsa, alg: 'RSA-OAEP' }],
    ['of the algorithm none', { ...rsa, alg: 'none' }],
    ['of an algorithm for secrets', { ...rsa, alg: 'HS256' }],
    ['of an algorithm for other keys', { ...rsa, alg: 'ES256' }],
    ['of an algorithm for another curve', { ...ec, alg: 'ES384' }],
    ['of an algorithm that is no text', { ...rsa, alg: ['RS256'] }],
    ['with a name that is no text', { ...rsa, kid: 1 }],
    ['with a name without end', { ...rsa, kid: 'x'.repeat(2000) }],
    ['of no kind', { n: rsa['n'], e: rsa['e'] }],
    ['of an unknown kind', { ...rsa, kty: 'rsa' }],
    ['of a kind that is no text', { ...rsa, kty: ['RSA'] }],
    ['without a modulus', { kty: 'RSA', e: 'AQAB' }],
    ['with a modulus that is no text', { ...rsa, n: 1 }],
    ['with a short modulus', signer('rsa', 1024).jwk],
    ['with a modulus without end', { ...rsa, n: 'A'.repeat(10_000) }],
    ['without an exponent', { kty: 'RSA', n: rsa['n'] }],
    ['with an exponent without end', { ...rsa, e: 'A'.repeat(300) }],
    ['of an unknown curve', { ...ec, crv: 'secp256k1' }],
    ['of no curve', { ...ec, crv: undefined }],
    ['without a point', { kty: 'EC', crv: 'P-256' }],
    ['with half a point', { kty: 'EC', crv: 'P-256', x: ec['x'] }],
    ['for key agreement', { ...ed, crv: 'X25519' }],
    ['null', null],
    ['a text', 'key'],
    ['a number', 1],
    ['a list', []],
    ['nothing', {}],
  ])('is read without a key that is %s', (_, key) => {
    expect(kids(read({ ...ec, kid: 'before' }, key, { ...ed, kid: 'after' }))).toEqual(['before', 'after']);
  });

  test('has a key once, and two keys of a name twice', () => {
    expect(kids(read({ ...ec, kid: 'a' }, { ...ec, kid: 'a', x5t: 'other' }, { ...ed, kid: 'a' }, { ...ec, kid: 'b' }))).toEqual([
      'a',
      'a',
      'b',
    ]);
  });

  test('of thousands is read up to the thousandth', () => {
    const keys = read(...Array.from({ length: 5000 }, (_, at) => ({ ...ed, kid: String(at) })));
    expect([keys.length, keys.at(-1)?.kid]).toEqual([1000, '999']);
  });

  test.each(['', '{', 'null', '1', '"keys"', '[]', '{}', '{"keys":null}', '{"keys":{}}', '{"keys":"a"}', '{"key":[]}'])(
    'is not: %s',
    (text) => {
      expect(readPublishedKeys(text)).toBeUndefined();
    },
  );

  test('may hold anything, and nothing is thrown', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('sig', 'RSA', 'EC', 'OKP', 'P-256', 'verify', rsa['n']),
    );
    const name = fc.constantFrom('kty', 'crv', 'n', 'e', 'x', 'y', 'd', 'k', 'kid', 'use', 'alg', 'key_ops');
    const base = fc.constantFrom(rsa, ec, ed, {});
    const key = fc.tuple(base, fc.dictionary(name, value)).map(([one, more]) => ({ ...one, ...more }));
    fc.assert(
      fc.property(fc.array(fc.oneof(key, fc.jsonValue({ maxDepth: 2 }))), (keys) => {
        for (const { jwk, algorithms } of read(...keys)) {
          expect(algorithms.length).toBeGreaterThan(0);
          expect(Object.values(jwk).every((part) => typeof part === 'string')).toBe(true);
        }
      }),
    );
  });
});
