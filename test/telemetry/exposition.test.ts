import { describe, expect, test } from 'vitest';
import { openExposition } from '../../src/telemetry/exposition.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

async function lines(metrics: Metrics): Promise<string[]> {
  const text = await (await openExposition(metrics)).write();
  return text.split('\n').filter((line) => line.includes('test_'));
}

describe('The text of metrics', () => {
  test('is what Prometheus reads: names, kinds, labels and values', async () => {
    const metrics = new Metrics();
    metrics.counter('test_total', 'How many.').cell({ route: 'a"b\\', method: 'GET' }).add(3);
    metrics.gauge('test_open', 'How many now.', () => [
      [{ backend: 'x' }, 1],
      [{ backend: 'y' }, 2],
    ]);
    expect(await lines(metrics)).toEqual([
      '# HELP test_total How many.',
      '# TYPE test_total counter',
      'test_total{route="a\\"b\\\\",method="GET"} 3',
      '# HELP test_open How many now.',
      '# TYPE test_open gauge',
      'test_open{backend="x"} 1',
      'test_open{backend="y"} 2',
    ]);
  });

  test('sums the buckets of a histogram up, with the whole as the last', async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram('test_seconds', 'How long.', [0.5, 1]).cell({ route: 'a' });
    for (const value of [0.1, 0.2, 0.7, 30]) histogram.observe(value);
    expect(await lines(metrics)).toEqual([
      '# HELP test_seconds How long.',
      '# TYPE test_seconds histogram',
      'test_seconds_bucket{le="0.5",route="a"} 2',
      'test_seconds_bucket{le="1",route="a"} 3',
      'test_seconds_bucket{le="+Inf",route="a"} 4',
      'test_seconds_sum{route="a"} 31',
      'test_seconds_count{route="a"} 4',
    ]);
  });

  test('is read anew each time, and shows the process too', async () => {
    const metrics = new Metrics();
    const cell = metrics.counter('test_total', 'How many.').cell({});
    const exposition = await openExposition(metrics);
    expect(exposition.contentType).toMatch(/^text\/plain/);
    for (const value of [1, 2]) {
      cell.add();
      expect(await exposition.write()).toMatch(new RegExp(`^test_total ${value}$`, 'm'));
    }
    expect(await exposition.write()).toMatch(/^process_resident_memory_bytes \d+/m);
  });

  test('of one instance says nothing about another', async () => {
    const [one, other] = [new Metrics(), new Metrics()];
    one.counter('test_total', 'One.').cell({}).add(1);
    other.counter('test_total', 'Other.').cell({}).add(2);
    expect([(await lines(one)).at(-1), (await lines(other)).at(-1)]).toEqual(['test_total 1', 'test_total 2']);
  });
});

test('a large set of metrics is written whole, with turns for others in between', async () => {
  const metrics = new Metrics();
  const family = metrics.histogram('test_seconds', 'How long.', [0.5, 1, 2]);
  for (let at = 0; at < 1000; at++) family.cell({ at: `${at}` }).observe(at % 3);
  metrics.gauge('test_exactly', 'As many as fit in one go.', () =>
    Array.from({ length: 500 }, (_, at) => [{ at: `${at}` }, at] as const),
  );
  const exposition = await openExposition(metrics);
  let turns = 0;
  let writing = true;
  const turn = () => {
    turns += 1;
    if (writing) setImmediate(turn);
  };
  setImmediate(turn);
  const text = await exposition.write();
  writing = false;
  expect(turns).toBeGreaterThan(10);
  const ours = text.split('\n').filter((line) => line.includes('test_'));
  expect(ours.filter((line) => line.startsWith('#'))).toEqual([
    '# HELP test_seconds How long.',
    '# TYPE test_seconds histogram',
    '# HELP test_exactly As many as fit in one go.',
    '# TYPE test_exactly gauge',
  ]);
  expect(new Set(ours).size).toBe(4 + 1000 * 6 + 500);
  expect(ours).toContain('test_seconds_bucket{le="2",at="999"} 1');
  expect(ours.at(-1)).toBe('test_exactly{at="499"} 499');
  for (const line of text.split('\n')) expect(line).toMatch(/^(|# (HELP|TYPE) .*|[a-z_0-9]+(\{.*\})? [^ ]+)$/i);
});
