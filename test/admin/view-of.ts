import type { AdminView } from '../../src/admin/view.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** An instance as the admin address sees it, with what a test does not say filled in. */
export function viewOf(view: Partial<AdminView> = {}): AdminView {
  return {
    state: () => 'ready',
    uptime: () => 61_234,
    connections: () => 3,
    config: () => ({ version: 'v1', loadedAt: Date.UTC(2026, 0, 2), reloads: [] }),
    routes: () => [],
    backends: () => ({}),
    shared: () => undefined,
    failed: () => {},
    metrics: new Metrics(),
    metricsPath: '/metrics',
    token: () => 'secret',
    version: '1.2.3',
    ...view,
  };
}
