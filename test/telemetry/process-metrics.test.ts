import { expect, test } from 'vitest';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { processMetrics } from '../../src/telemetry/process-metrics.ts';

function setUp() {
  const metrics = new Metrics();
  const stop = processMetrics(metrics, '1.2.3');
  const read = (name: string) => [
    ...(metrics
      .all()
      .find((metric) => metric.name === name)
      ?.read() ?? []),
  ];
  return { stop, read };
}

test('the build is told by labels', () => {
  const { stop, read } = setUp();
  expect(read('gateway_build_info')).toEqual([[{ version: '1.2.3', node: process.versions.node }, 1]]);
  stop();
});

test('an event loop that stood still shows by how much, until the next scrape', async () => {
  const { stop, read } = setUp();
  const lag = () =>
    Object.fromEntries(read('gateway_event_loop_lag_seconds').map(([{ quantile = '' }, value]) => [quantile, value]));
  // The delays are looked at by a timer of Node's own: the event loop must have turned before and after.
  const turned = () => new Promise((resolve) => setTimeout(resolve, 30));
  await turned();
  lag();
  await turned();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  await turned();
  const { '0.5': median, '1': worst } = lag() as Record<string, number>;
  expect(worst).toBeGreaterThan(0.15);
  expect(worst).toBeLessThan(5);
  expect(median).toBeLessThan(worst as number);
  const after = lag();
  expect(Object.keys(after).sort()).toEqual(['0.5', '0.99', '1']);
  expect(after['1']).toBeLessThan(0.15);
  stop();
});
