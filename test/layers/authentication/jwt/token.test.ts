import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MOST_CHARACTERS, readToken } from '../../../../src/layers/authentication/jwt/token.ts';
import { base64url, SECRET, secretKey, token } from './signing.ts';

const key = secretKey(SECRET);
const read = (text: string) => readToken(text, ['HS256']);
const made = (claims: string | object, header?: string | object) => token('HS256', key, claims as string, header as string);

const THREE = 'the token does not have three parts';
const NO_OBJECT = 'the token does not hold JSON objects in base64url';
const NO_SIGNATURE = 'the signature of the token is not base64url';

describe('A token', () => {
  test('is read into what it says of itself', () => {
    const text = made({ sub: 'alice' }, { kid: 'one', typ: 'JWT', jku: 'https://evil.example', jwk: { kty: 'oct' }, x5c: [] });
    expect(read(text)).toEqual({
      text,
      algorithm: 'HS256',
      kid: 'one',
      typ: 'JWT',
      claims: { sub: 'alice' },
      size: (text.split('.')[1]?.length as number) + 1,
    });
  });

  test.each([
    ['', THREE],
    ['.', THREE],
    ['a.b', THREE],
    ['a.b.c.d', THREE],
    ['a.b.c.d.e', THREE],
    ['..', NO_SIGNATURE],
    ['..AAAA', NO_OBJECT],
    ['AAAA.AAAA.AAAA', NO_OBJECT],
    [`${base64url('null')}.${base64url({})}.AAAA`, NO_OBJECT],
    [`${base64url({ alg: 'HS256' })}.${base64url('[]')}.AAAA`, NO_OBJECT],
    [`${base64url({ alg: 'HS256' })}.${base64url('"x"')}.AAAA`, NO_OBJECT],
    [made('{"sub":"a","sub":"b"}'), NO_OBJECT],
    [made({}, '{"alg":"none","alg":"HS256"}'), NO_OBJECT],
    [made('{"sub":"alice"'), NO_OBJECT],
    [made({}, '{}'), 'the algorithm of the token is not accepted'],
    [made({}, { crit: [] }), 'the token has critical parameters that are not understood'],
    [made({}, { crit: ['exp'], exp: 1 }), 'the token has critical parameters that are not understood'],
    [made({}, { crit: ['b64'], b64: true }), 'the token has critical parameters that are not understood'],
    [made({}, { crit: null }), 'the token has critical parameters that are not understood'],
    [made({}, { b64: false }), 'the payload of the token is not encoded'],
    [made({}, { b64: 'true' }), 'the payload of the token is not encoded'],
    [made({}, { kid: 1 }), 'the kid of the token is not a short text'],
    [made({}, { kid: null }), 'the kid of the token is not a short text'],
    [made({}, { kid: 'x'.repeat(1025) }), 'the kid of the token is not a short text'],
    [made({}, { typ: 1 }), 'the typ of the token is not a text'],
    ['x'.repeat(MOST_CHARACTERS + 1), 'the token is too long'],
    [made({ pad: 'x'.repeat(7000) }), 'the token is too long'],
  ])('that is none is refused: %j', (text, problem) => {
    expect(read(text)).toBe(problem);
  });

  test('may be as long as is said, and b64 may be what it is anyway', () => {
    expect(read(made({ pad: 'x'.repeat(6000) }))).toBeTypeOf('object');
    expect(read(made({}, { b64: true }))).toBeTypeOf('object');
  });

  test.each(['=', '+', '/', ' ', '\n', '\t', '%3D', 'ü', '\0', ','])('has no %j in any part', (wrong) => {
    const parts = made({ sub: 'alice' }).split('.');
    for (const at of parts.keys()) {
      for (const put of [(part: string) => part + wrong, (part: string) => part.slice(0, 2) + wrong + part.slice(2)]) {
        expect(read(parts.map((part, index) => (index === at ? put(part) : part)).join('.'))).toMatch(/base64url/);
      }
    }
  });

  test('has one spelling: no other last character of a part gives the same bytes and is taken', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(63), (bytes, letter) => {
        const [head, payload] = made({}).split('.');
        const text = base64url(Buffer.from(bytes));
        const other = text.slice(0, -1) + ALPHABET[letter];
        const same = other !== text && Buffer.from(other, 'base64url').equals(bytes);
        expect(read(`${head}.${payload}.${text}`)).toBeTypeOf('object');
        if (same) expect(read(`${head}.${payload}.${other}`)).toBe(NO_SIGNATURE);
      }),
    );
  });

  test('may be any text, and nothing is thrown', () => {
    const part = fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(base64url), fc.string().map(base64url));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const outcome = read(parts.join('.'));
        expect(typeof outcome === 'string' || outcome.algorithm === 'HS256').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
