import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Headers } from '../../../../src/http/headers.ts';
import type { Algorithm } from '../../../../src/layers/authentication/jwt/algorithms.ts';
import { exchangeOf } from '../../../support/exchanges.ts';
import { JwtRig } from './open-method.ts';
import { base64url, SECRET, type Signer, secretKey, signer, token } from './signing.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ';
/** RFC 6750 §3: what may stand in a challenge. */
const DESCRIPTION = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

const cases: { rig: JwtRig; good: string }[] = [];

beforeAll(() => {
  const claims = { sub: 'alice', scope: 'a b', exp: 4_000_000_000, aud: ['x'], deep: { a: [1, null, 'ü'] } };
  const by = (algorithm: Algorithm, { key, pem }: Signer) =>
    cases.push({ rig: new JwtRig({ public_key: pem }), good: token(algorithm, key, claims, { kid: 'one', typ: 'JWT' }) });
  by('ES256', signer('P-256'));
  by('EdDSA', signer('ed25519'));
  by('RS256', signer('rsa'));
  cases.push({ rig: new JwtRig({ secret: SECRET }), good: token('HS256', secretKey(SECRET), claims) });
});

const place = fc.nat(10_000);
const mutation = fc.oneof(
  fc.tuple(place, fc.nat(ALPHABET.length - 1)).map(
    ([at, letter]) =>
      (text: string) =>
        splice(text, at, 1, ALPHABET[letter]),
  ),
  fc.tuple(place, fc.nat(ALPHABET.length - 1)).map(
    ([at, letter]) =>
      (text: string) =>
        splice(text, at, 0, ALPHABET[letter]),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 5 })).map(
    ([at, count]) =>
      (text: string) =>
        splice(text, at, count, ''),
  ),
  place.map((at) => (text: string) => text.slice(0, at % text.length)),
  fc.tuple(place, place).map(
    ([one, other]) =>
      (text: string) =>
        swap(text, one, other),
  ),
  fc.constantFrom('{"alg":"none"}', '{"alg":"HS256"}', '{"alg":"ES256","crit":["exp"]}').map((head) => (text: string) => {
    return [base64url(head), ...text.split('.').slice(1)].join('.');
  }),
  fc.jsonValue().map((payload) => (text: string) => text.split('.').toSpliced(1, 1, base64url(payload)).join('.')),
);

function splice(text: string, at: number, count: number, put = ''): string {
  const from = at % text.length;
  return text.slice(0, from) + put + text.slice(from + count);
}

function swap(text: string, one: number, other: number): string {
  const letters = [...text];
  const [a, b] = [one % letters.length, other % letters.length];
  [letters[a], letters[b]] = [letters[b] ?? '', letters[a] ?? ''];
  return letters.join('');
}

describe('A token that has been changed', () => {
  test('is never believed, and never fails anything, however it was changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3), fc.array(mutation, { minLength: 1, maxLength: 3 }), async (at, mutations) => {
        const { rig, good } = cases[at] as (typeof cases)[number];
        const changed = mutations.reduce((text, change) => (text === '' ? text : change(text)), good);
        if (changed.trim() === good) return;
        const finding = await rig.ask(changed.trim());
        expect(finding).toMatchObject({ refused: expect.any(String), description: expect.stringMatching(DESCRIPTION) });
      }),
      { numRuns: 1500 },
    );
    for (const { rig, good } of cases) {
      expect(await rig.outcome(good)).toBe('valid');
      expect(rig.keys.tokens.size).toBe(1);
    }
  });
});

describe('A field of a request', () => {
  test('may hold anything, and is answered', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.string({ unit: 'grapheme-ascii' }).map((text) => `Bearer ${text}`),
      fc.array(fc.base64String()).map((parts) => `bearer ${parts.join('.')}`),
      fc
        .string({ unit: fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)) })
        .map((text) => `Bearer ${text}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 3 }), async (values) => {
        const { rig } = cases[3] as (typeof cases)[number];
        const headers = Headers.from(values.map((one) => ['Authorization', one.trim()] as const));
        expect(await rig.outcome(exchangeOf({ headers }))).toMatch(/^(none|the .*)$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('Claims of a token that is signed', () => {
  test('may hold anything, and are a good identity or refused', async () => {
    const name = fc.constantFrom('exp', 'nbf', 'iat', 'iss', 'sub', 'aud', 'scope', 'scp', 'groups', '__proto__', 'x');
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.string());
    const rig = new JwtRig({ secret: SECRET });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 6 }), async (members) => {
        const payload = `{${members.map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one) ?? 'null'}`).join()}}`;
        expect(await rig.outcome(token('HS256', secretKey(SECRET), payload))).toMatch(/^(valid|the .*)$/);
      }),
      { numRuns: 500 },
    );
  });
});
