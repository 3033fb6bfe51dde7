import { Counter } from '../../lib/cell.ts';
import { Family, type Metrics } from '../../telemetry/metrics.ts';

export type ConcurrencyMetrics = ReturnType<typeof concurrencyMetrics>;

export function concurrencyMetrics(metrics: Metrics) {
  const refused = metrics.counter(
    'gateway_concurrency_refused_total',
    'Requests that were refused because as many as the route allows were in progress.',
  );
  const inFlight = new Family(() => new Counter());
  metrics.gauge('gateway_concurrency_in_flight', 'Requests in progress that a concurrency limit counts, by route.', () =>
    inFlight.entries().map(({ labels, cell }) => [labels, cell.value] as const),
  );
  return {
    refused,
    inFlight,
    /** Shows no series of routes that are not among these, but requests that have outlived theirs. */
    keep(routes: ReadonlySet<string>): void {
      refused.keep(({ route = '' }) => routes.has(route));
      inFlight.keep(({ route = '' }, { value }) => routes.has(route) || value > 0);
    },
  };
}
