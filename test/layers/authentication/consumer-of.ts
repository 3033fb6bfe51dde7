import { scryptSync } from 'node:crypto';
import type { ConsumerConfig } from '../../../src/layers/authentication/config.ts';
import { hashKey } from '../../../src/layers/authentication/key-hash.ts';
import { formatPasswordHash, type PasswordHash, parsePasswordHash } from '../../../src/layers/authentication/password-hash.ts';
import { Wrong } from '../../../src/lib/fields.ts';

const CHEAP = { cost: 1024, blockSize: 1, parallel: 1 };

/** The hash of a password that costs little to try. */
export function passwordHash(password: string): PasswordHash {
  const salt = Buffer.from('0123456789abcdef');
  const hash = scryptSync(password, salt, 32, { N: CHEAP.cost, r: CHEAP.blockSize, p: CHEAP.parallel });
  const read = parsePasswordHash(formatPasswordHash(CHEAP, salt, hash));
  if (read instanceof Wrong) throw new Error(read.message);
  return read;
}

interface Known {
  readonly name: string;
  readonly keys?: readonly string[];
  readonly password?: string;
  readonly certificates?: readonly string[];
  readonly groups?: readonly string[];
}

/** A consumer as a checked configuration has it, from its secrets. */
export function consumerOf({ name, keys = [], password, certificates = [], groups = [] }: Known): ConsumerConfig {
  const basic = password === undefined ? undefined : passwordHash(password);
  return { name, api_keys: keys.map((key) => hashKey(key)), certificates, groups, basic };
}

export function basicField(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
