import type { Metrics } from '../../telemetry/metrics.ts';

export function ipAccessMetrics(metrics: Metrics) {
  const refused = metrics.counter('gateway_ip_refused_total', 'Requests refused because of the client address, by route.');
  return {
    refused,
    /** Shows no series of routes that are not among these: call it when a configuration has taken another's place. */
    keep: (routes: ReadonlySet<string>) => refused.keep(({ route = '' }) => routes.has(route)),
  };
}
