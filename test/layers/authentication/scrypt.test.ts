import { expect, test } from 'vitest';
import { type PasswordHash, parsePasswordHash } from '../../../src/layers/authentication/password-hash.ts';
import { computeScrypt, hashPassword } from '../../../src/layers/authentication/scrypt.ts';

async function fits(password: string, text: string): Promise<boolean> {
  const hash = parsePasswordHash(text) as PasswordHash;
  return (await computeScrypt(password, hash, 32)).toString('base64url') === hash.hash;
}

test('RFC 7914 §12: the numbers of its third vector come out', async () => {
  const salted = { cost: 16384, blockSize: 8, parallel: 1, salt: Buffer.from('SodiumChloride').toString('base64url') };
  const bytes = await computeScrypt('pleaseletmein', salted, 64);
  expect(bytes.toString('hex')).toMatch(/^7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2/);
});

test('a password that is hashed twice has two hashes, and fits both', async () => {
  const [one, other] = await Promise.all([hashPassword('hunter2'), hashPassword('hunter2')]);
  expect(one).not.toBe(other);
  expect(await Promise.all([fits('hunter2', one), fits('hunter2', other), fits('hunter3', one)])).toEqual([true, true, false]);
});

test('a password is hashed as clients send it: composed', async () => {
  expect(await fits('caf\u00e9', await hashPassword('cafe\u0301'))).toBe(true);
});

test('the dearest hash that a configuration may hold can be computed', async () => {
  const salted = { cost: 65536, blockSize: 8, parallel: 1, salt: 'AAAAAAAAAAAAAAAAAAAAAA' };
  expect(await computeScrypt('a', salted, 32)).toHaveLength(32);
});

test('what cannot be computed rejects', async () => {
  await expect(computeScrypt('a', { cost: 3, blockSize: 8, parallel: 1, salt: 'AA' }, 32)).rejects.toThrow();
});
