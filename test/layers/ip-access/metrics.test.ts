import { expect, test } from 'vitest';
import { ipAccessMetrics } from '../../../src/layers/ip-access/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

test('refusals are shown by route until the route is gone', () => {
  const all = new Metrics();
  const metrics = ipAccessMetrics(all);
  metrics.refused.cell({ route: 'a' }).add();
  metrics.refused.cell({ route: 'b' }).add(2);
  metrics.keep(new Set(['b']));
  expect([...(all.all()[0]?.read() ?? [])]).toEqual([[{ route: 'b' }, 2]]);
});
