import { randomBytes, scrypt } from 'node:crypto';
import { DEFAULT_COSTS, formatPasswordHash, HASH_BYTES, memoryOf, type PasswordHash, SALT_BYTES } from './password-hash.ts';

/** The costs and the salt of a hash. */
type Salted = Omit<PasswordHash, 'text' | 'hash'>;

/** Computes on a thread of Node's pool. @param bytes of the hash */
export function computeScrypt(password: string, salted: Salted, bytes: number): Promise<Buffer> {
  const { cost, blockSize, parallel, salt } = salted;
  // OpenSSL counts some more than the formula.
  const maxmem = memoryOf(salted) + 128 * blockSize * parallel + 1024 ** 2;
  const options = { N: cost, r: blockSize, p: parallel, maxmem };
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64url'), bytes, options, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
}

/**
 * The form in which a password is kept, with a new salt.
 * @param password is hashed in the normal form in which clients send it (NFC: RFC 7617 §2.1)
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const salted = { ...DEFAULT_COSTS, salt: salt.toString('base64url') };
  return formatPasswordHash(DEFAULT_COSTS, salt, await computeScrypt(password.normalize('NFC'), salted, HASH_BYTES));
}
