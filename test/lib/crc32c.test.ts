import { expect, test } from 'vitest';
import { crc32c } from '../../src/lib/crc32c.ts';

test.each([
  ['nothing', Buffer.alloc(0), 0],
  ['the digits of the catalogue', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros (RFC 3720 §B.4)', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones (RFC 3720 §B.4)', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 bytes that count up (RFC 3720 §B.4)', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
])('the checksum of %s is known', (_, bytes, sum) => {
  expect(crc32c(bytes)).toBe(sum);
});
