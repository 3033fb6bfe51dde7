import { expect, test } from 'vitest';
import { requestMetrics } from '../../../src/layers/observe/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

function setUp() {
  const metrics = new Metrics();
  const requests = requestMetrics(metrics);
  for (const route of ['a', 'b']) {
    requests.requests.cell({ route, method: 'GET', status: '2xx' });
    requests.duration.cell({ route });
    for (const upstream of ['x/1:1', 'x/2:2']) requests.upstreamErrors.cell({ route, upstream, code: 'upstream_reset' });
  }
  const labels = () =>
    metrics.all().map((metric) => [...metric.read()].map(([{ route, upstream }]) => [route, upstream].join(' ').trim()));
  return { requests, labels };
}

test('routes that are gone are shown no more', () => {
  const { requests, labels } = setUp();
  requests.keep(new Set(['b', 'none']), new Set(['x/1:1', 'x/2:2']));
  expect(labels()).toEqual([['b'], ['b'], ['b x/1:1', 'b x/2:2']]);
});

test('upstreams that are gone are shown no more', () => {
  const { requests, labels } = setUp();
  requests.keep(new Set(['a', 'b']), new Set(['x/2:2']));
  expect(labels()).toEqual([
    ['a', 'b'],
    ['a', 'b'],
    ['a x/2:2', 'b x/2:2'],
  ]);
});
