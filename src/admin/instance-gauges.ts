import type { HttpServer } from '../server/server.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Backends } from '../upstream/backends.ts';
import type { UpstreamMetrics } from '../upstream/metrics.ts';

/** The parts of an instance that are asked how they are when somebody scrapes. */
interface Parts {
  readonly server: HttpServer;
  readonly backends: Backends;
  readonly upstreamMetrics: UpstreamMetrics;
  readonly log: Log;
}

export function instanceGauges(metrics: Metrics, { server, backends, upstreamMetrics, log }: Parts): void {
  metrics.gauge('gateway_active_connections', 'Client connections that are open.', () => [[{}, server.open]]);
  metrics.gauge('gateway_healthy_upstreams', 'Upstreams that are ready, by backend.', () =>
    backends.all().map(({ name, endpoints }) => {
      const ready = endpoints.filter(({ readiness }) => readiness.ready && readiness.reachable);
      return [{ backend: name }, ready.length] as const;
    }),
  );
  upstreamMetrics.pools(() =>
    backends
      .all()
      .flatMap(({ name, endpoints }) =>
        endpoints.map(({ address, transport }) => ({ backend: name, upstream: address, state: transport.state })),
      ),
  );
  upstreamMetrics.circuits.states(() =>
    backends
      .all()
      .flatMap(({ name, endpoints }) =>
        endpoints.flatMap(({ address, circuit }) =>
          circuit === undefined ? [] : [{ backend: name, upstream: address, state: circuit.state }],
        ),
      ),
  );
  metrics.total('gateway_access_log_dropped_total', 'Log lines that the reader of the log was too slow for.', () => log.dropped);
}
