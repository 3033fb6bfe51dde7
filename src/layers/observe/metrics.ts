import { DURATION_BOUNDS, type Metrics } from '../../telemetry/metrics.ts';

export type RequestMetrics = ReturnType<typeof requestMetrics>;

/** Photon's names, so that its dashboards go on working. */
export function requestMetrics(metrics: Metrics) {
  const requests = metrics.counter('gateway_requests_total', 'Requests that have ended, by route, method and status class.');
  const duration = metrics.histogram(
    'gateway_request_duration_seconds',
    'From a whole request head to the last byte of the reply.',
    DURATION_BOUNDS,
  );
  const upstreamErrors = metrics.counter(
    'gateway_upstream_errors_total',
    'Requests that failed because of their upstream, by error code.',
  );
  return {
    requests,
    duration,
    upstreamErrors,
    /**
     * Shows no series of routes and upstreams that are not among these: call it when a configuration has taken
     * another's place. @param upstreams as `backend/address`
     */
    keep(routes: ReadonlySet<string>, upstreams: ReadonlySet<string>): void {
      for (const family of [requests, duration, upstreamErrors]) family.keep(({ route = '' }) => routes.has(route));
      // Empty: there was none to send to.
      upstreamErrors.keep(({ upstream = '' }) => upstream === '' || upstreams.has(upstream));
    },
  };
}
