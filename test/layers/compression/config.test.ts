import { expect, test } from 'vitest';
import { compressionSchema } from '../../../src/layers/compression/config.ts';

test('all has a default that a gateway can afford', () => {
  expect(compressionSchema.parse({})).toEqual({
    algorithms: ['zstd', 'br', 'gzip'],
    min_bytes: 1024,
    types: expect.arrayContaining(['text/*', 'application/json', 'application/*+json', 'image/svg+xml']),
    levels: { zstd: 3, br: 3, gzip: 4 },
  });
});

test('its words are read', () => {
  const block = {
    algorithms: ['gzip', 'br'],
    min_bytes: '2KB',
    types: ['Text/HTML', 'application/*+xml', 'application/vnd.api_2+json'],
    levels: { gzip: 1, br: '6' },
  };
  expect(compressionSchema.parse(block)).toEqual({
    algorithms: ['gzip', 'br'],
    min_bytes: 2048,
    types: ['text/html', 'application/*+xml', 'application/vnd.api_2+json'],
    levels: { zstd: 3, br: 6, gzip: 1 },
  });
});

test.each<[object, RegExp]>([
  [{ algorithms: [] }, /an empty list compresses nothing/],
  [{ algorithms: ['deflate'] }, /Invalid option/],
  [{ algorithms: ['gzip', 'gzip'] }, /stands there twice/],
  [{ algorithms: 'gzip' }, /expected array/],
  [{ min_bytes: -1 }, /not a size/],
  [{ min_bytes: '2GB' }, /too large/],
  [{ types: ['html'] }, /not a media type: "html"/],
  [{ types: ['*/*'] }, /not a media type/],
  [{ types: ['text/'] }, /not a media type/],
  [{ types: ['text/*+'] }, /not a media type/],
  [{ types: ['text/html; charset=utf-8'] }, /not a media type/],
  [{ types: [''] }, /not a media type/],
  [{ levels: { br: 11 } }, /11 is too large/],
  [{ levels: { gzip: 0 } }, /0 is too small/],
  [{ levels: { zstd: 22 } }, /22 is too large/],
  [{ levels: { deflate: 1 } }, /Unrecognized key/],
  [{ level: 1 }, /Unrecognized key/],
])('%j is refused', (block, why) => {
  expect(compressionSchema.safeParse(block).error?.issues[0]?.message).toMatch(why);
});
