import { expect, test } from 'vitest';
import { AuthCounts, authMetrics } from '../../../src/layers/authentication/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';

test('outcomes are counted by route and method, each series from its first time on, until its route is gone', () => {
  const all = new Metrics();
  const metrics = authMetrics(all);
  const [users, orders] = [new AuthCounts('users', metrics), new AuthCounts('orders', metrics)];
  expect(metrics.total.entries()).toEqual([]);
  users.count('jwt', 'accepted');
  users.count('jwt', 'accepted');
  users.count('none', 'missing');
  orders.count('basic', 'refused');
  const read = () => [...(all.all()[0]?.read() ?? [])];
  expect(read()).toEqual([
    [{ route: 'users', method: 'jwt', outcome: 'accepted' }, 2],
    [{ route: 'users', method: 'none', outcome: 'missing' }, 1],
    [{ route: 'orders', method: 'basic', outcome: 'refused' }, 1],
  ]);
  metrics.keep(new Set(['orders']));
  expect(read()).toEqual([[{ route: 'orders', method: 'basic', outcome: 'refused' }, 1]]);
});
