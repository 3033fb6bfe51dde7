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

describe('A series', () => {
  test('that is removed is shown no more, and starts anew when it comes back', () => {
    const family = new Family(() => new Counter());
    family.cell({ route: 'a' }).add(2);
    family.cell({ route: 'b' }).add(3);
    family.remove({ route: 'a' });
    family.remove({ route: 'c' });
    expect(family.entries().map(({ labels, cell: { value } }) => [labels, value])).toEqual([[{ route: 'b' }, 3]]);
    expect(family.cell({ route: 'a' }).value).toBe(0);
  });

  test('stays when it is among those to keep', () => {
    const family = new Family(() => new Counter());
    for (const route of ['a', 'b', 'c']) for (const method of ['GET', 'PUT']) family.cell({ route, method });
    family.keep(({ route }) => route !== 'b');
    expect(family.entries().map(({ labels: { route, method } }) => `${route} ${method}`)).toEqual([
      'a GET',
      'a PUT',
      'c GET',
      'c PUT',
    ]);
  });
});

test('A series that is counted after the configuration went does not show, until it is among those to keep', () => {
  const family = new Family(() => new Counter());
  const values = () => family.entries().map(({ labels, cell }) => [labels['route'], cell.value]);
  family.keep(({ route }) => route !== 'b');
  family.cell({ route: 'b' }).add();
  family.cell({ route: 'a' }).add();
  expect(values()).toEqual([['a', 1]]);
  // Cells of a new configuration are made before it is in force.
  family.keep(({ route }) => route === 'b');
  expect(values()).toEqual([['b', 1]]);
});

describe('Metrics', () => {
  test('may be counted by others', () => {
    const metrics = new Metrics();
    let dropped = 0;
    metrics.total('dropped_total', 'Dropped.', () => dropped);
    dropped = 7;
    expect(metrics.all().map((metric) => [metric.type, [...metric.read()]])).toEqual([['counter', [[{}, 7]]]]);
  });

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
