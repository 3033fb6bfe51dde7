import { DURATION_BOUNDS, type Metrics } from '../../telemetry/metrics.ts';

export type RequestMetrics = ReturnType<typeof requestMetrics>;

/** Photon's names, so that its dashboards go on working. */
export function requestMetrics(metrics: Metrics) {
  return {
    requests: metrics.counter('gateway_requests_total', 'Requests that have ended, by route, method and status class.'),
    duration: metrics.histogram(
      'gateway_request_duration_seconds',
      'From a whole request head to the last byte of the reply.',
      DURATION_BOUNDS,
    ),
    upstreamErrors: metrics.counter(
      'gateway_upstream_errors_total',
      'Requests that failed because of their upstream, by error code.',
    ),
  };
}
