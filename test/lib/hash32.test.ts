import { expect, test } from 'vitest';
import { hash32, mix32 } from '../../src/lib/hash32.ts';

// FNV-1a's published vectors, and MurmurHash3's finalizer, which has 0 for 0 alone.
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['b', 0xe70c2de5],
  ['foobar', 0xbf9cf968],
])('%j is FNV-1a of its bytes, mixed', (text, fnv) => {
  expect(hash32(text)).toBe(mix32(fnv));
});

test.each([
  [0, 0],
  [1, 0x514e28b7],
  [2, 0x30f4c306],
  [0xffffffff, 0x81f16f39],
])('%i is mixed to %i', (value, mixed) => {
  expect(mix32(value)).toBe(mixed);
});

test('results are unsigned, whatever the text', () => {
  for (const text of ['żółw', '😀', '\0', 'x'.repeat(10_000)]) {
    expect(hash32(text)).toBe(hash32(text) >>> 0);
    expect(hash32(text)).not.toBe(hash32(`${text} `));
  }
});

test('each bit of a short text changes each bit of the hash half of the time', () => {
  const flips = new Array<number>(32).fill(0);
  const texts = Array.from({ length: 4000 }, (_, at) => `10.0.${at >> 8}.${at & 255}:80`);
  for (const text of texts) {
    const changed = hash32(text) ^ hash32(text.replace(/80$/, '81'));
    for (let bit = 0; bit < 32; bit++) flips[bit] = (flips[bit] as number) + ((changed >>> bit) & 1);
  }
  for (const count of flips) expect(Math.abs(count / texts.length - 0.5)).toBeLessThan(0.05);
});

test('texts that differ little are spread evenly', () => {
  const buckets = new Array<number>(64).fill(0);
  for (let at = 0; at < 64_000; at++) {
    const bucket = hash32(`user-${at}`) & 63;
    buckets[bucket] = (buckets[bucket] as number) + 1;
  }
  expect(Math.min(...buckets)).toBeGreaterThan(850);
  expect(Math.max(...buckets)).toBeLessThan(1150);
});
