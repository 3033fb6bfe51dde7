import { expect, test } from 'vitest';
import { Counter, Histogram } from '../../src/lib/cell.ts';

test('a counter adds one, or what it is told', () => {
  const counter = new Counter();
  counter.add();
  counter.add(3);
  expect(counter.value).toBe(4);
});

test('a histogram counts a value in the first bucket whose bound it does not exceed, and beyond all in the last', () => {
  const histogram = new Histogram([1, 5, 10]);
  for (const value of [0, 1, 1.5, 5, 10, 10.1, 1000]) histogram.observe(value);
  expect(histogram.counts).toEqual([2, 2, 1, 2]);
  expect(histogram.sum).toBeCloseTo(1027.6);
});

test('a histogram without bounds has one bucket', () => {
  const histogram = new Histogram([]);
  histogram.observe(3);
  expect(histogram.counts).toEqual([1]);
});
