import type { JWK } from 'jose';
import { type Algorithm, fitsKey, WITH_PUBLIC_KEY } from './algorithms.ts';
import { LEAST_MODULUS_BITS } from './public-key.ts';

/** Beyond these nothing is read: a set of keys is a handful. */
const MOST_KEYS = 1000;
const MOST_KID = 1024;
/** Base64url characters of an RSA modulus; each bit makes every verification dearer. */
const LEAST_MODULUS = Math.ceil(LEAST_MODULUS_BITS / 6);
const MOST_MODULUS = Math.ceil(8192 / 6);
const MOST_EXPONENT = 12;

/** One public key for signatures out of a set, with nothing in it but what makes the key. */
export interface PublishedKey {
  readonly kid: string | undefined;
  readonly algorithms: readonly Algorithm[];
  readonly jwk: JWK;
  /** Equal for equal keys, names and uses included. */
  readonly identity: string;
}

/**
 * The keys of a JWK set (RFC 7517 §5) that can verify signatures. All others are passed over: secrets, private keys, keys for
 * encryption or of unknown kinds, and what is no key at all.
 * @returns undefined when the text is no JWK set
 */
export function readPublishedKeys(text: string): PublishedKey[] | undefined {
  const list = keysOf(text);
  if (!Array.isArray(list)) return undefined;
  const found = new Map<string, PublishedKey>();
  for (const one of list.slice(0, MOST_KEYS)) {
    const key = typeof one === 'object' && one !== null ? readKey(one as Readonly<Record<string, unknown>>) : undefined;
    if (key !== undefined) found.set(key.identity, key);
  }
  return [...found.values()];
}

function keysOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { keys?: unknown } | null)?.keys;
  } catch {
    return undefined;
  }
}

function readKey(key: Readonly<Record<string, unknown>>): PublishedKey | undefined {
  const { kid, use, key_ops, alg } = key;
  // A private key that is published belongs to everybody.
  if ('d' in key || 'k' in key) return undefined;
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MOST_KID)) return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes('verify'))) return undefined;
  const jwk = material(key);
  if (jwk === undefined) return undefined;
  const algorithms = WITH_PUBLIC_KEY.filter((name) => (alg === undefined || alg === name) && fitsKey(name, jwk));
  if (algorithms.length === 0) return undefined;
  return { kid, algorithms, jwk, identity: JSON.stringify([kid ?? null, algorithms, jwk]) };
}

function material({ kty, crv, n, e, x, y }: Readonly<Record<string, unknown>>): JWK | undefined {
  if (kty === 'RSA') return isText(n, LEAST_MODULUS, MOST_MODULUS) && isText(e, 1, MOST_EXPONENT) ? { kty, n, e } : undefined;
  if (typeof crv !== 'string' || !isText(x, 1, 100)) return undefined;
  if (kty === 'EC') return isText(y, 1, 100) ? { kty, crv, x, y } : undefined;
  return kty === 'OKP' ? { kty, crv, x } : undefined;
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most;
}
