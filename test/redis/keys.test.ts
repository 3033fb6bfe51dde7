import { expect, test } from 'vitest';
import { Keys } from '../../src/redis/keys.ts';
import { slotOf } from '../../src/redis/slot.ts';

const keys = new Keys('sluice:', 'default');

test('all names begin with the prefix and the fleet', () => {
  const bucket = keys.bucket('per_ip', '192.0.2.1');
  for (const name of [bucket, keys.members, keys.memberCounts, keys.channel('config'), keys.probe('a1')]) {
    expect(name).toMatch(/^sluice:default:/);
  }
});

test('a bucket and the mark of its life are in one slot', () => {
  for (let i = 0; i < 100; i++) {
    const bucket = keys.bucket('per_ip', `192.0.2.${i}`);
    expect(slotOf(keys.life(bucket))).toBe(slotOf(bucket));
  }
});

test('the list of members and their counts are in one slot', () => {
  expect(slotOf(keys.memberCounts)).toBe(slotOf(keys.members));
});

test('buckets are spread over 256 tags, whose names do not grow with them', () => {
  const tags = new Set<string>();
  for (let i = 0; i < 5000; i++) tags.add(/\{[^}]+\}/.exec(keys.bucket('limit', String(i)))?.[0] ?? '');
  expect(tags.size).toBe(256);
  expect([...tags].every((tag) => /^\{rl\d{1,3}\}$/.test(tag))).toBe(true);
});

test('of a key no more than a digest is stored, and limits do not share buckets', () => {
  const secret = 'Bearer abc{def}\r\n'.repeat(1000);
  expect(keys.bucket('limit', secret)).toMatch(/^sluice:default:\{rl\d+\}:[\w-]{27}$/);
  expect(keys.bucket('a', 'bc')).not.toBe(keys.bucket('ab', 'c'));
  expect(keys.bucket('a', 'b')).toBe(new Keys('sluice:', 'default').bucket('a', 'b'));
});

test('fleets do not share names', () => {
  const other = new Keys('sluice:', 'other');
  expect(other.members).not.toBe(keys.members);
  expect(other.channel('config')).not.toBe(keys.channel('config'));
});
