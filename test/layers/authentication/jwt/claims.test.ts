import { describe, expect, test } from 'vitest';
import { type ClaimRules, checkClaims, checkLife, lifeOf } from '../../../../src/layers/authentication/jwt/claims.ts';
import type { JsonObject } from '../../../../src/layers/authentication/jwt/json-object.ts';

const rules: ClaimRules = { issuer: [], audience: [], required_claims: [], typ: [], leeway: 0 };

function check(claims: JsonObject, more: Partial<ClaimRules> = {}, typ?: string): string | undefined {
  return checkClaims({ text: '', algorithm: 'HS256', kid: undefined, size: 0, claims, typ }, { ...rules, ...more });
}

const ISSUER = 'the issuer of the token is not accepted';
const AUDIENCE = 'the token is meant for another audience';
const KIND = 'the token is of another kind (typ)';

describe('Claims', () => {
  test.each([
    [{}, {}, undefined],
    [{ iss: 'a' }, { issuer: ['a'] }, undefined],
    [{ iss: 'b' }, { issuer: ['a', 'b'] }, undefined],
    [{ iss: 'A' }, { issuer: ['a'] }, ISSUER],
    [{ iss: '' }, { issuer: ['a'] }, ISSUER],
    [{}, { issuer: ['a'] }, ISSUER],
    [{ iss: 'anybody' }, {}, undefined],
    [{ aud: 'a' }, { audience: ['a'] }, undefined],
    [{ aud: ['x', 'b'] }, { audience: ['a', 'b'] }, undefined],
    [{ aud: ['x', 'y'] }, { audience: ['a', 'b'] }, AUDIENCE],
    [{ aud: [] }, { audience: ['a'] }, AUDIENCE],
    [{ aud: 'a b' }, { audience: ['a'] }, AUDIENCE],
    [{}, { audience: ['a'] }, AUDIENCE],
    [{ aud: 'anybody' }, {}, undefined],
    [{ exp: 1, tenant: null }, { required_claims: ['exp', 'tenant'] }, undefined],
    [{ exp: 1 }, { required_claims: ['exp', 'tenant'] }, 'the claim tenant is missing'],
    [{}, { required_claims: ['https://example.com/role'] }, 'the claim https://example.com/role is missing'],
    [{}, { required_claims: ['a "quoted" one'] }, 'a claim is missing'],
    [{}, { required_claims: ['toString'] }, 'the claim toString is missing'],
    [JSON.parse('{"__proto__":{"iss":"a","tenant":1}}'), { required_claims: ['tenant'] }, 'the claim tenant is missing'],
  ] as [JsonObject, Partial<ClaimRules>, string | undefined][])('%j under %j: %s', (claims, more, problem) => {
    expect(check(claims, more)).toBe(problem);
  });

  const texts = [null, 1, true, [], ['a'], {}];
  const times = [null, '1', true, [], [1], {}];
  test.each([
    ...['iss', 'sub'].flatMap((name) => texts.map((value) => [name, value] as const)),
    ...['exp', 'nbf', 'iat'].flatMap((name) => times.map((value) => [name, value] as const)),
    ...[null, 1, true, {}, [1], ['a', null], [['a']]].map((value) => ['aud', value] as const),
  ])('of the wrong type are refused, whatever is asked for: %s %j', (name, value) => {
    expect(check({ [name]: value })).toBe(`the claim ${name} is malformed`);
    expect(check({ [name]: value }, { issuer: ['1'], audience: ['1', ''] })).toBe(`the claim ${name} is malformed`);
  });
});

describe('The kind of a token', () => {
  test.each([undefined, '', 'JWT', 'jwt', 'application/jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'JOSE', 'mine'])(
    'may be %j when nothing is said',
    (typ) => {
      expect(check({}, {}, typ)).toBeUndefined();
    },
  );

  test.each(['logout+jwt', 'dpop+jwt', 'application/secevent+JWT', 'token-introspection+jwt', 'kb+jwt'])(
    'may not be %j, which is made for something else',
    (typ) => {
      expect(check({}, {}, typ)).toBe(KIND);
    },
  );

  test.each([
    [['at+jwt'], 'AT+JWT', undefined],
    [['at+jwt'], 'application/at+jwt', undefined],
    [['at+jwt'], 'JWT', KIND],
    [['at+jwt'], undefined, KIND],
    [['at+jwt', ''], undefined, undefined],
    [['logout+jwt'], 'logout+jwt', undefined],
  ])('of %j may be %j: %s', (typ, said, problem) => {
    expect(check({}, { typ }, said)).toBe(problem);
  });
});

describe('The life of a token', () => {
  const EARLY = 'the token is not valid yet';
  const LATE = 'the token has expired';

  test.each([
    [{}, 0, 0, undefined],
    [{ exp: 100 }, 0, 99_999, undefined],
    [{ exp: 100 }, 0, 100_000, LATE],
    [{ exp: 100 }, 5000, 104_999, undefined],
    [{ exp: 100 }, 5000, 105_000, LATE],
    [{ exp: 100.5 }, 0, 100_499, undefined],
    [{ exp: 100.5 }, 0, 100_500, LATE],
    [{ nbf: 100 }, 0, 99_999, EARLY],
    [{ nbf: 100 }, 0, 100_000, undefined],
    [{ nbf: 100 }, 5000, 94_999, EARLY],
    [{ nbf: 100 }, 5000, 95_000, undefined],
    [{ iat: 100 }, 5000, 94_999, EARLY],
    [{ iat: 100 }, 5000, 95_000, undefined],
    [{ iat: 100, nbf: 50 }, 0, 99_999, EARLY],
    [{ iat: 50, nbf: 100 }, 0, 99_999, EARLY],
    [{ exp: 0 }, 0, 1, LATE],
    [{ exp: -1e308 }, 0, 1, LATE],
    [{ exp: 1e308 }, 0, Number.MAX_SAFE_INTEGER, undefined],
    [{ nbf: 1e308 }, 5000, Number.MAX_SAFE_INTEGER, EARLY],
    [{ nbf: 200, exp: 100 }, 0, 150_000, LATE],
    [JSON.parse('{"exp":1e999}'), 0, Number.MAX_SAFE_INTEGER, undefined],
    [JSON.parse('{"__proto__":{"exp":1}}'), 0, 2000, undefined],
  ] as [JsonObject, number, number, string | undefined][])(
    '%j with a leeway of %i ms at %i ms: %s',
    (claims, leeway, wall, problem) => {
      expect(checkLife(lifeOf(claims, leeway), wall)).toBe(problem);
    },
  );
});
