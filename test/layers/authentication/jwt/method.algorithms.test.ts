import { beforeAll, describe, expect, test } from 'vitest';
import { ALGORITHMS, type Algorithm } from '../../../../src/layers/authentication/jwt/algorithms.ts';
import { JwtRig } from './open-method.ts';
import { base64url, OTHER_SECRET, SECRET, type Signer, type SignerKind, secretKey, signature, signer, token } from './signing.ts';

const KIND: Readonly<Record<string, SignerKind>> = {
  RS: 'rsa',
  PS: 'rsa',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
};

const kindOf = (algorithm: Algorithm) => KIND[algorithm] ?? KIND[algorithm.slice(0, 2)];
const isSecret = (algorithm: Algorithm) => algorithm.startsWith('HS');

const signers = new Map<SignerKind, readonly [Signer, Signer]>();
const bySecret = (text: string): Signer => ({ key: secretKey(text), pem: '', jwk: {} });

/** Who signs, and a stranger with a key of the same kind. */
function pair(algorithm: Algorithm): readonly [Signer, Signer] {
  const kind = kindOf(algorithm);
  return kind === undefined ? [bySecret(SECRET), bySecret(OTHER_SECRET)] : (signers.get(kind) as readonly [Signer, Signer]);
}

function rigFor(algorithm: Algorithm, more: Readonly<Record<string, unknown>> = { algorithm }): JwtRig {
  return new JwtRig({ ...(isSecret(algorithm) ? { secret: SECRET } : { public_key: pair(algorithm)[0].pem }), ...more });
}

const claims = { sub: 'alice' };

beforeAll(() => {
  for (const kind of ['rsa', 'P-256', 'P-384', 'P-521', 'ed25519'] as const) signers.set(kind, [signer(kind), signer(kind)]);
});

describe.each(ALGORITHMS)('A token signed by %s', (algorithm) => {
  test('is believed with the key of whoever signed it', async () => {
    const one = token(algorithm, pair(algorithm)[0].key, claims);
    expect((await rigFor(algorithm).identity(one)).subject).toBe('alice');
  });

  test('is refused when somebody else signed it', async () => {
    const one = token(algorithm, pair(algorithm)[1].key, claims);
    expect(await rigFor(algorithm).outcome(one)).toBe('the signature of the token does not verify');
  });

  test('is refused when another algorithm is configured, whatever the key', async () => {
    const one = token(algorithm, pair(algorithm)[0].key, claims);
    for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
      expect(await rigFor(other).outcome(one), other).toBe('the algorithm of the token is not accepted');
    }
  });

  test('is refused when it says that it was signed by another algorithm', async () => {
    for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
      const [head, payload] = [base64url({ alg: other }), base64url(claims)];
      const forged = `${head}.${payload}.${signature(algorithm, pair(algorithm)[0].key, `${head}.${payload}`).toString('base64url')}`;
      // Two names for one signature; any other believes nothing.
      const expected = kindOf(algorithm) === 'ed25519' && kindOf(other) === 'ed25519' ? 'valid' : /does not verify|not accepted/;
      expect(await rigFor(algorithm, {}).outcome(forged), other).toMatch(expected);
    }
  });

  test('is refused when its signature is cut off, empty or of zeros', async () => {
    const rig = rigFor(algorithm);
    const one = token(algorithm, pair(algorithm)[0].key, claims);
    const input = one.slice(0, one.lastIndexOf('.'));
    const length = Buffer.from(one.slice(input.length + 1), 'base64url').length;
    for (const forged of [Buffer.alloc(length), Buffer.alloc(1), Buffer.alloc(length * 2, 1)]) {
      expect(await rig.outcome(`${input}.${forged.toString('base64url')}`)).toBe('the signature of the token does not verify');
    }
    expect(await rig.outcome(`${input}.`)).toBe('the signature of the token is not base64url');
  });
});

describe('A secret and a public key beside each other', () => {
  test('each verify what they were made for', async () => {
    const rig = rigFor('RS256', { secret: SECRET, algorithms: ['HS256', 'RS256'] });
    expect(await rig.outcome(token('RS256', pair('RS256')[0].key, claims))).toBe('valid');
    expect(await rig.outcome(token('HS256', secretKey(SECRET), claims))).toBe('valid');
  });

  test.each(['pem', 'pem without its end', 'modulus', 'jwk'])('never let the public key pass for a secret: %s', async (form) => {
    const { pem, jwk } = pair('RS256')[0];
    const forms: Record<string, string> = {
      pem,
      'pem without its end': pem.trimEnd(),
      modulus: Buffer.from(jwk['n'] as string, 'base64url').toString('latin1'),
      jwk: JSON.stringify(jwk),
    };
    const forged = token('HS256', secretKey(forms[form] as string), claims);
    const both = rigFor('RS256', { secret: SECRET, algorithms: ['HS256', 'RS256'] });
    expect(await both.outcome(forged)).toBe('the signature of the token does not verify');
    expect(await rigFor('RS256', {}).outcome(forged)).toBe('the algorithm of the token is not accepted');
  });
});

describe('A token without a signature', () => {
  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '', 'null'];

  test.each(spellings)('is refused, alg %j', async (alg) => {
    const unsigned = `${base64url({ alg })}.${base64url(claims)}`;
    for (const algorithm of ['HS256', 'RS256', 'ES256', 'EdDSA'] as const) {
      const rig = rigFor(algorithm, {});
      expect(await rig.outcome(`${unsigned}.`)).toBe('the signature of the token is not base64url');
      expect(await rig.outcome(`${unsigned}.AAAA`)).toBe('the algorithm of the token is not accepted');
      expect(await rig.outcome(unsigned)).toBe('the token does not have three parts');
    }
  });

  test.each([null, 0, true, [], ['HS256'], { HS256: 1 }, '__proto__', 'constructor', 'toString'])(
    'or with an alg that is none is refused, alg %j',
    async (alg) => {
      const one = token('HS256', secretKey(SECRET), claims, { alg });
      expect(await rigFor('HS256').outcome(one)).toBe('the algorithm of the token is not accepted');
    },
  );
});
