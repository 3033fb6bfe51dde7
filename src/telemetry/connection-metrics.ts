import type { Metrics } from './metrics.ts';
import { TlsMetrics } from './tls-metrics.ts';

export type ConnectionMetrics = ReturnType<typeof connectionMetrics>;

/** What happens to client connections before there is a request on them. One for an instance. */
export function connectionMetrics(metrics: Metrics) {
  const refused = metrics.counter('gateway_connections_refused_total', 'Client connections closed on arrival, by reason.');
  return {
    /** Beyond `server.max_connections`. */
    overLimit: refused.cell({ reason: 'max_connections' }),
    /** A PROXY header was missing, unreadable or late. */
    notProxied: refused.cell({ reason: 'proxy_protocol' }),
    proxyProtocolErrors: metrics
      .counter('gateway_proxy_protocol_errors_total', 'PROXY protocol headers that could not be read.')
      .cell({}),
    evicted: metrics
      .counter('gateway_connections_evicted_total', 'Idle client connections that were closed to make room for a new one.')
      .cell({}),
    tls: new TlsMetrics(metrics),
  };
}
