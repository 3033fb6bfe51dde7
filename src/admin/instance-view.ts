import type { Config } from '../config/document.ts';
import type { Backend } from '../upstream/backend.ts';
import type { Endpoint } from '../upstream/endpoint.ts';
import type { BackendView, RouteView, UpstreamView } from './view.ts';

/** The routes of a configuration, as `/stats` shows them. */
export function routeViews({ routes }: Config): RouteView[] {
  return routes.map(({ id, path, methods, backend }) => ({ id, path, methods: methods ?? 'all', backend }));
}

/** Backends and their upstreams with all that is known of them at this moment. */
export function backendViews(backends: readonly Backend[]): Record<string, BackendView> {
  return Object.fromEntries(
    backends.map(({ name, algorithm, endpoints }) => [name, { algorithm, upstreams: endpoints.map(upstreamView) }]),
  );
}

function upstreamView({ address, weight, readiness, active, requests, failures, latency, transport }: Endpoint): UpstreamView {
  return {
    address,
    weight,
    ready: readiness.ready && readiness.reachable,
    reason: readiness.reason === '' ? undefined : readiness.reason,
    active,
    requests,
    failures,
    latency_ms: Math.round(latency * 1000) / 1000,
    ...transport.state,
  };
}
