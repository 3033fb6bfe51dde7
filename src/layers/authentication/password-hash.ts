import { Wrong } from '../../lib/fields.ts';

/** What a password is kept as, and what it costs to try one (RFC 7914). Plain data: it is part of a configuration. */
export interface PasswordHash {
  /** `scrypt:N:r:p:salt:hash`, as it is written. */
  readonly text: string;
  /** A power of two. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallel: number;
  /** base64url. */
  readonly salt: string;
  /** base64url. */
  readonly hash: string;
}

/** OWASP's choice for 32 MB: about a fifth of a second. */
export const DEFAULT_COSTS = { cost: 2 ** 15, blockSize: 8, parallel: 3 } as const;
export const SALT_BYTES = 16;
export const HASH_BYTES = 32;

const FORM = /^scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2}):([A-Za-z0-9_-]{22,86}):([A-Za-z0-9_-]{43,86})$/;
export const PASSWORD_HASHES = 'scrypt:N:r:p:salt:hash, as `sluice hash password` prints';
/** The configuration is somebody's text too: none may ask for gigabytes, or for minutes, at each request. */
const MOST_BYTES = 64 * 1024 ** 2;
const MOST_WORK = 2 ** 21;
const LEAST_COST = 2 ** 10;

/** Bytes that one computation takes. */
export function memoryOf({ cost, blockSize }: Pick<PasswordHash, 'cost' | 'blockSize'>): number {
  return 128 * cost * blockSize;
}

/** @returns what the text says, or what is wrong with it, without a word of the text: it may be a password */
export function parsePasswordHash(text: string): PasswordHash | Wrong {
  const parts = FORM.exec(text);
  if (parts === null) return new Wrong('not the hash of a password', PASSWORD_HASHES);
  const [, n, r, p, salt, hash] = parts as unknown as [string, string, string, string, string, string];
  const [cost, blockSize, parallel] = [Number(n), Number(r), Number(p)];
  if (cost < LEAST_COST || (cost & (cost - 1)) !== 0)
    return new Wrong(`scrypt with N = ${cost}`, `a power of two, ${LEAST_COST} or more`);
  if (blockSize < 1 || parallel < 1) return new Wrong('scrypt with r or p = 0', 'at least 1');
  if (memoryOf({ cost, blockSize }) > MOST_BYTES)
    return new Wrong('this hash takes too much memory', '128 · N · r of at most 64 MB');
  if (cost * blockSize * parallel > MOST_WORK) return new Wrong('this hash takes too long', 'N · r · p of at most 2097152');
  return { text, cost, blockSize, parallel, salt, hash };
}

/** The form in which a password is kept. */
export function formatPasswordHash(
  { cost, blockSize, parallel }: Pick<PasswordHash, 'cost' | 'blockSize' | 'parallel'>,
  salt: Buffer,
  hash: Buffer,
): string {
  return `scrypt:${cost}:${blockSize}:${parallel}:${salt.toString('base64url')}:${hash.toString('base64url')}`;
}
