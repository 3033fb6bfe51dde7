import { expect, test } from 'vitest';
import { SlidingLogs } from '../../../src/layers/rate-limit/sliding-log.ts';
import { limitBy } from './limits.ts';

const limit = limitBy('sliding_log', 10, 1000);

function opened(most: number): SlidingLogs {
  const logs = new SlidingLogs(most);
  logs.grow(4);
  for (let slot = 0; slot < 4; slot++) logs.reset(slot);
  return logs;
}

test('Tokens come back one by one, as each becomes a window old', () => {
  const logs = opened(100);
  for (const [now, cost] of [
    [0, 3],
    [100, 5],
    [400, 2],
  ] as const)
    logs.take(0, limit, cost, now);
  expect([500, 999, 1000, 1100, 1399, 1400].map((now) => logs.level(0, limit, now))).toEqual([0, 0, 3, 8, 8, 10]);
  expect([1, 3, 4, 10].map((tokens) => logs.until(0, limit, tokens, 500))).toEqual([500, 500, 600, 900]);
});

test('When the pool is spent what is taken joins the newest, and lasts as long as the last', () => {
  const logs = opened(3);
  for (const now of [0, 100, 200]) logs.take(0, limit, 2, now);
  logs.take(0, limit, 2, 700);
  expect([1000, 1100, 1200, 1699, 1700].map((now) => logs.level(0, limit, now))).toEqual([4, 6, 6, 6, 10]);
});

test('A bucket that has no entry gets one even then', () => {
  const logs = opened(1);
  for (const slot of [0, 1, 2]) logs.take(slot, limit, 10, 0);
  expect([0, 1, 2, 3].map((slot) => logs.level(slot, limit, 500))).toEqual([0, 0, 0, 10]);
  expect([0, 1, 2, 3].map((slot) => logs.level(slot, limit, 1000))).toEqual([10, 10, 10, 10]);
});

test('Entries that are past are used again, by whoever comes', () => {
  const logs = opened(2);
  for (let round = 0; round < 50; round++) {
    for (const slot of [0, 1]) logs.take(slot, limit, 10, round * 1000);
    expect([0, 1].map((slot) => logs.level(slot, limit, round * 1000 + 999))).toEqual([0, 0]);
  }
  logs.reset(0);
  expect([logs.level(0, limit, 49_500), logs.level(1, limit, 49_500)]).toEqual([10, 0]);
});
