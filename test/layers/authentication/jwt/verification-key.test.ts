import { describe, expect, test } from 'vitest';
import { ALGORITHMS } from '../../../../src/layers/authentication/jwt/algorithms.ts';
import { readToken, type Token } from '../../../../src/layers/authentication/jwt/token.ts';
import { publicVerificationKey, secretVerificationKey } from '../../../../src/layers/authentication/jwt/verification-key.ts';
import { SECRET, secretKey, signer, token } from './signing.ts';

const load = () => import('jose');
const read = (text: string) => readToken(text, ALGORITHMS) as Token;

describe('A key', () => {
  test('is bound to what goes with it, whatever is configured', () => {
    const fitting = (jwk: object) => ALGORITHMS.filter((name) => publicVerificationKey(jwk, ALGORITHMS, load).fits(name));
    expect(fitting(signer('rsa').jwk)).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
    expect(fitting(signer('P-384').jwk)).toEqual(['ES384']);
    expect(fitting(signer('ed25519').jwk)).toEqual(['EdDSA', 'Ed25519']);
    const secret = secretVerificationKey(Buffer.from(SECRET), ALGORITHMS, load);
    expect(ALGORITHMS.filter((name) => secret.fits(name))).toEqual(['HS256', 'HS384', 'HS512']);
  });

  test('verifies nothing that was signed in another way, by whomever', async () => {
    const secret = secretVerificationKey(Buffer.from(SECRET), ['HS384'], load);
    expect(await secret.verifies(read(token('HS384', secretKey(SECRET), {})))).toBe(true);
    expect(await secret.verifies(read(token('HS256', secretKey(SECRET), {})))).toBe(false);
    const { jwk, key } = signer('rsa');
    const rs256 = publicVerificationKey(jwk, ['RS256'], load);
    expect(await rs256.verifies(read(token('RS256', key, {})))).toBe(true);
    expect(await rs256.verifies(read(token('PS256', key, {})))).toBe(false);
  });

  test('that turns out to be none, or private, verifies nothing', async () => {
    const { jwk, key } = signer('P-256');
    const one = read(token('ES256', key, {}));
    const broken = { ...jwk, x: 'AAAA' };
    const exported = key.export({ format: 'jwk' }) as object;
    for (const bad of [broken, exported, { kty: 'EC', crv: 'P-256' }]) {
      const made = publicVerificationKey(bad, ALGORITHMS, load);
      expect([await made.verifies(one), await made.verifies(one)]).toEqual([false, false]);
    }
    expect(await publicVerificationKey(jwk, ALGORITHMS, load).verifies(one)).toBe(true);
  });
});
