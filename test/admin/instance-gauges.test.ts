import { expect, test } from 'vitest';
import { instanceGauges } from '../../src/admin/instance-gauges.ts';
import { addresses, BackendRig } from '../support/backends.ts';

test('A scrape shows what an instance is at this moment: its upstreams that are ready, and the states of their circuits', () => {
  const rig = new BackendRig();
  const { metrics, backends, tools } = rig;
  const parts = { server: { open: 3 }, backends, upstreamMetrics: tools.upstreamMetrics, log: { dropped: 4 } };
  instanceGauges(metrics, parts as unknown as Parameters<typeof instanceGauges>[1]);
  const read = (name: string) =>
    [
      ...(metrics
        .all()
        .find((metric) => metric.name === name)
        ?.read() ?? []),
    ].map(([labels, value]) => [...Object.values(labels), value].join(' '));

  rig.apply({ upstreams: addresses('a', 'b') });
  expect(read('gateway_circuit_state')).toEqual([]);
  rig.apply({ upstreams: addresses('a', 'b'), circuit_breaker: { consecutive_failures: 1 } });
  rig.backend.begun(rig.endpoint('b'))?.broke('reset');
  expect(read('gateway_circuit_state')).toEqual([
    'users 192.0.2.1:80 closed 1',
    'users 192.0.2.1:80 open 0',
    'users 192.0.2.1:80 half_open 0',
    'users 192.0.2.2:80 closed 0',
    'users 192.0.2.2:80 open 1',
    'users 192.0.2.2:80 half_open 0',
  ]);
  expect(read('gateway_healthy_upstreams')).toEqual(['users 1']);
  expect(read('gateway_active_connections')).toEqual(['3']);
  expect(read('gateway_access_log_dropped_total')).toEqual(['4']);
  expect(read('gateway_pool_connections')).toHaveLength(4);
});
