import { expect, test } from 'vitest';
import { HighWater } from '../../src/fleet/high-water.ts';

const MINUTE = 60_000;

test('It is 0 until something is noted', () => {
  expect(new HighWater().most(0)).toBe(0);
});

test('The most is kept for an hour, and for ten minutes more at most', () => {
  for (let start = 0; start < 10; start++) {
    const mark = new HighWater();
    mark.note(8, start * MINUTE);
    for (let at = start; at <= start + 60; at++) {
      mark.note(2, at * MINUTE);
      expect(mark.most(at * MINUTE)).toBe(8);
    }
    expect(mark.most((start + 70) * MINUTE)).toBe(2);
  }
});

test('What nobody notes any more is forgotten as well', () => {
  const mark = new HighWater();
  mark.note(8, 0);
  expect(mark.most(71 * MINUTE)).toBe(0);
  mark.note(1, 71 * MINUTE);
  expect(mark.most(71 * MINUTE)).toBe(1);
});
