import { type Algorithm, hashBytes, WITH_SECRET } from './algorithms.ts';

const PREFIX = 'base64:';
/** A guess at 128 bits is beyond reach; below that a secret is found by trying, from one token, without asking anybody. */
const LEAST_BYTES = 16;

/** The bytes of a secret: of a text in UTF-8, or what stands behind `base64:` (of either alphabet). Undefined: not base64. */
export function secretBytes(secret: string): Buffer | undefined {
  if (!secret.startsWith(PREFIX)) return Buffer.from(secret, 'utf8');
  const text = secret.slice(PREFIX.length).replace(/={1,2}$/, '');
  return /^[A-Za-z0-9+/_-]*$/.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64') : undefined;
}

/** What is wrong with a secret, without a word of it; undefined: nothing. */
export function checkSecret(secret: string): string | undefined {
  const bytes = secretBytes(secret);
  if (bytes === undefined) return 'what stands behind "base64:" is not base64';
  if (bytes.length >= LEAST_BYTES) return undefined;
  return `${bytes.length} bytes are too short for a secret: whoever has one token finds it by trying`;
}

/**
 * What to warn of: a secret that is shorter than the hash, which RFC 7518 §3.2 forbids. It is taken all the same, because
 * such secrets are in use and still out of reach; undefined: there is none, or it is long enough.
 */
export function weakSecret(config: {
  readonly secret?: string | undefined;
  readonly algorithms: readonly Algorithm[];
}): string | undefined {
  const bytes = config.secret === undefined ? undefined : secretBytes(config.secret);
  const weak = config.algorithms.filter((name) => WITH_SECRET.includes(name) && hashBytes(name) > (bytes?.length ?? 0));
  const worst = weak.at(-1);
  if (bytes === undefined || worst === undefined) return undefined;
  return `the secret has ${bytes.length} bytes, ${worst} asks for ${hashBytes(worst)} (RFC 7518 section 3.2)`;
}
