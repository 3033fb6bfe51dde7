import { expect, test } from 'vitest';
import { slotOf } from '../../src/redis/slot.ts';

// As `CLUSTER KEYSLOT` of Redis 7.0.15 says.
test.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['', 0],
  ['{foo}bar', 12_182],
  ['a{foo}bar', 12_182],
  ['foo{}bar', 14_292],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
  ['größe', 9425],
])('%j is in its slot', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
