import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPasswordHash, memoryOf, parsePasswordHash } from '../../../src/layers/authentication/password-hash.ts';
import { Wrong } from '../../../src/lib/fields.ts';

const SALT = 'A'.repeat(22);
const HASH = 'B'.repeat(43);
const whole = (n: number | string, r: number | string, p: number | string) => `scrypt:${n}:${r}:${p}:${SALT}:${HASH}`;

describe('A password hash', () => {
  test('is read with its costs', () => {
    expect(parsePasswordHash(whole(32768, 8, 3))).toEqual({
      ...{ text: whole(32768, 8, 3), cost: 32768, blockSize: 8, parallel: 3, salt: SALT, hash: HASH },
    });
  });

  test.each([
    ['hunter2', /not the hash/],
    ['', /not the hash/],
    ['scrypt:', /not the hash/],
    [whole(32768, 8, ''), /not the hash/],
    [`${whole(32768, 8, 1)}=`, /not the hash/],
    [`scrypt:32768:8:1:${'A'.repeat(21)}:${HASH}`, /not the hash/],
    [`scrypt:32768:8:1:${SALT}:${'B'.repeat(42)}`, /not the hash/],
    [`bcrypt:32768:8:1:${SALT}:${HASH}`, /not the hash/],
    [whole(512, 8, 1), /N = 512/],
    [whole(0, 8, 1), /N = 0/],
    [whole(30000, 8, 1), /N = 30000/],
    [whole(32768, 0, 1), /r or p = 0/],
    [whole(32768, 8, 0), /r or p = 0/],
    [whole(131072, 8, 1), /too much memory/],
    [whole(1048576, 1, 1), /too much memory/],
    [whole(1048576, 99, 99), /too much memory/],
    [whole(65536, 8, 5), /too long/],
    [whole(1024, 32, 65), /too long/],
  ])('%s is refused', (text, message) => {
    const wrong = parsePasswordHash(text);
    expect(wrong).toBeInstanceOf(Wrong);
    expect((wrong as Wrong).message).toMatch(message);
  });

  test('that is none is never shown: it may be a password', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 12 }), (secret) => {
        const { message, expected, suggestion } = parsePasswordHash(secret) as Wrong;
        return ![message, expected, suggestion].some((text) => text?.includes(secret));
      }),
    );
  });

  test('never asks for more than 64 MB, whatever the numbers', () => {
    const exponent = fc.integer({ min: 0, max: 22 });
    const most = fc.integer({ min: 0, max: 120 });
    fc.assert(
      fc.property(exponent, most, most, (power, r, p) => {
        const read = parsePasswordHash(whole(2 ** power, r, p));
        return (
          read instanceof Wrong || (memoryOf(read) <= 64 * 1024 ** 2 && read.cost * read.blockSize * read.parallel <= 2 ** 21)
        );
      }),
    );
  });

  test('is written as it is read', () => {
    const bytes = (least: number, most: number) =>
      fc.uint8Array({ minLength: least, maxLength: most }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(bytes(17, 64), bytes(33, 64), (salt, hash) => {
        const text = formatPasswordHash({ cost: 1024, blockSize: 1, parallel: 2 }, salt, hash);
        expect(parsePasswordHash(text)).toMatchObject({ text, cost: 1024, blockSize: 1, parallel: 2 });
      }),
    );
  });
});
