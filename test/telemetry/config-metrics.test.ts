import { expect, test } from 'vitest';
import { ConfigMetrics } from '../../src/telemetry/config-metrics.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

function setUp() {
  const metrics = new Metrics();
  const config = new ConfigMetrics(metrics);
  const read = () => Object.fromEntries(metrics.all().map((metric) => [metric.name, [...metric.read()]]));
  return { config, read };
}

test('an instance tells its configuration by one series, whatever came before', () => {
  const { config, read } = setUp();
  expect(read()).toMatchObject({ gateway_config_info: [], gateway_config_last_reload_timestamp_seconds: [] });
  for (let version = 1; version <= 1000; version++) config.loaded(`v${version}`, version * 1000);
  expect(read()).toMatchObject({
    gateway_config_info: [[{ version: 'v1000' }, 1]],
    gateway_config_last_reload_timestamp_seconds: [[{}, 1000]],
  });
});

test('reloads are counted by outcome, each from zero', () => {
  const { config, read } = setUp();
  config.reloaded('refused');
  config.reloaded('refused');
  config.reloaded('applied');
  expect(read()['gateway_config_reloads_total']).toEqual([
    [{ outcome: 'applied' }, 1],
    [{ outcome: 'unchanged' }, 0],
    [{ outcome: 'refused' }, 2],
    [{ outcome: 'failed' }, 0],
  ]);
});
