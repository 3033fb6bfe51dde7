import { describe, expect, test } from 'vitest';
import { Counter } from '../../src/lib/cell.ts';
import { DURATION_BOUNDS, Family, Metrics } from '../../src/telemetry/metrics.ts';

describe('A family', () => {
  test('has one cell for the same labels, whoever asks', () => {
    const family = new Family(() => new Counter());
    const cell = family.cell({ route: 'a' });
    cell.add(2);
    expect(family.cell({ route: 'a' })).toBe(cell);
    expect(family.cell({ route: 'b' })).not.toBe(cell);
    expect(family.cell({ method: 'a' })).not.toBe(cell);
    expect(family.entries().map(({ labels, cell: { value } }) => [labels, value])).toEqual([
      [{ route: 'a' }, 2],
      [{ route: 'b' }, 0],
      [{ method: 'a' }, 0],
    ]);
  });
});

describe('Metrics', () => {
  test('are read as they are at that moment, each by its kind', () => {
    const metrics = new Metrics();
    const counter = metrics.counter('a_total', 'A.').cell({ x: '1' });
    const histogram = metrics.histogram('b_seconds', 'B.', [1, 2]).cell({});
    let gauge = 3;
    metrics.gauge('c', 'C.', () => [[{}, gauge]]);
    counter.add();
    histogram.observe(1.5);
    gauge = 4;
    expect(metrics.all().map(({ name, help, type }) => [name, help, type])).toEqual([
      ['a_total', 'A.', 'counter'],
      ['b_seconds', 'B.', 'histogram'],
      ['c', 'C.', 'gauge'],
    ]);
    expect(metrics.all().map((metric) => [...metric.read()])).toEqual([[[{ x: '1' }, 1]], [[{}, histogram]], [[{}, 4]]]);
    expect(histogram.counts).toEqual([0, 1, 0]);
  });

  test('without series have none', () => {
    const metrics = new Metrics();
    metrics.counter('a_total', 'A.');
    expect([...(metrics.all()[0]?.read() ?? [1])]).toEqual([]);
  });
});

test('the bounds of durations ascend', () => {
  expect([...DURATION_BOUNDS].sort((a, b) => a - b)).toEqual([...DURATION_BOUNDS]);
});
