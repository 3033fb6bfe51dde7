import {
  constants,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKeyInput,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';
import type { Algorithm } from '../../../../src/layers/authentication/jwt/algorithms.ts';

export const SECRET = 'a secret of thirty-two characters';
export const OTHER_SECRET = 'another one of the same length, 33';

export function secretKey(text: string): KeyObject {
  return createSecretKey(Buffer.from(text));
}

/** Whoever signs: the private key, the public one as a PEM, and as a JWK. */
export interface Signer {
  readonly key: KeyObject;
  readonly pem: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export type SignerKind = 'rsa' | 'P-256' | 'P-384' | 'P-521' | 'ed25519';

export function signer(kind: SignerKind, bits = 2048): Signer {
  const { privateKey, publicKey } = generate(kind, bits);
  return {
    key: privateKey,
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    jwk: { ...(publicKey.export({ format: 'jwk' }) as JsonWebKeyInput['key']) },
  };
}

function generate(kind: SignerKind, bits: number) {
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: bits });
  return kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: kind });
}

export function base64url(value: unknown): string {
  const text = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** The signature of an algorithm by Node's own cryptography, which the code under test does not use. */
export function signature(algorithm: Algorithm, key: KeyObject, input: string): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  const bytes = Buffer.from(input);
  switch (algorithm.slice(0, 2)) {
    case 'HS':
      return createHmac(hash, key).update(bytes).digest();
    case 'RS':
      return signBytes(hash, bytes, key);
    case 'PS':
      return signBytes(hash, bytes, {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      });
    case 'ES':
      return signBytes(hash, bytes, { key, dsaEncoding: 'ieee-p1363' });
    default:
      return signBytes(null, bytes, key);
  }
}

/** A token: the payload as an object, or as the text that is to stand there. */
export function token(
  algorithm: Algorithm,
  key: KeyObject,
  claims: Readonly<Record<string, unknown>> | string,
  header: Readonly<Record<string, unknown>> | string = {},
): string {
  const head = typeof header === 'string' ? header : { alg: algorithm, ...header };
  const input = `${base64url(head)}.${base64url(claims)}`;
  return `${input}.${signature(algorithm, key, input).toString('base64url')}`;
}
