import { createPublicKey, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { type Algorithm, fitsKey, WITH_PUBLIC_KEY } from './algorithms.ts';

/** Shorter ones can be broken (RFC 7518 §3.3). */
export const LEAST_MODULUS_BITS = 2048;
const KINDS = 'RSA, EC on P-256, P-384 or P-521, and Ed25519';

/** The key of a PEM text: of a public key (SPKI) or of the first certificate in it. Text around the block is passed over. */
function openPublicKey(pem: string): KeyObject | string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return 'a private key: the gateway only verifies, give it the public key';
  const [block] = /-----BEGIN (PUBLIC KEY|CERTIFICATE)-----[\s\S]*?-----END \1-----/.exec(pem) ?? [];
  if (block === undefined) return 'not a PEM public key or certificate';
  try {
    return createPublicKey(block);
  } catch {
    return 'a PEM block that holds no public key';
  }
}

/** The public key of a PEM text as a JWK, or what is wrong with it. */
export function readPublicKey(pem: string): JWK | string {
  const key = openPublicKey(pem);
  if (typeof key === 'string') return key;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const known = type === 'rsa' || type === 'ec' || type === 'ed25519';
  const jwk = known ? exported(key) : undefined;
  if (jwk === undefined || !WITH_PUBLIC_KEY.some((name) => fitsKey(name, jwk)))
    return `a key of a kind that tokens are not signed with here (${type}): ${KINDS} are`;
  const bits = details?.modulusLength ?? LEAST_MODULUS_BITS;
  if (bits < LEAST_MODULUS_BITS) return `an RSA key of ${bits} bits: at least ${LEAST_MODULUS_BITS} are safe`;
  return jwk;
}

/** Undefined for curves that have no name in JOSE. */
function exported(key: KeyObject): JWK | undefined {
  try {
    return key.export({ format: 'jwk' }) as JWK;
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with the PEM text of `public_key`; undefined: nothing.
 * @param algorithms those of the configuration: one at least must go with the key
 */
export function checkPublicKey(pem: string, algorithms: readonly Algorithm[] = WITH_PUBLIC_KEY): string | undefined {
  const key = readPublicKey(pem);
  if (typeof key === 'string') return key;
  if (algorithms.some((name) => fitsKey(name, key))) return undefined;
  return `a key for ${WITH_PUBLIC_KEY.filter((name) => fitsKey(name, key)).join(', ')}, of which none is among the algorithms`;
}
