import { expect, test } from 'vitest';
import { connectionMetrics } from '../../src/telemetry/connection-metrics.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

test('connections that came to nothing are counted by reason, each from zero', () => {
  const metrics = new Metrics();
  const cells = connectionMetrics(metrics);
  cells.overLimit.add();
  cells.proxyProtocolErrors.add(2);
  cells.evicted.add(3);
  expect(metrics.all().flatMap((metric) => [...metric.read()].map((series) => [metric.name, metric.type, ...series]))).toEqual([
    ['gateway_connections_refused_total', 'counter', { reason: 'max_connections' }, 1],
    ['gateway_connections_refused_total', 'counter', { reason: 'proxy_protocol' }, 0],
    ['gateway_proxy_protocol_errors_total', 'counter', {}, 2],
    ['gateway_connections_evicted_total', 'counter', {}, 3],
  ]);
});
