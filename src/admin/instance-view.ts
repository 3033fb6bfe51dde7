import type { Config } from '../config/document.ts';
import type { Backend } from '../upstream/backend.ts';
import type { Circuit } from '../upstream/circuits/circuits.ts';
import type { Endpoint } from '../upstream/endpoint.ts';
import type { BackendView, CircuitView, RouteView, UpstreamView } from './view.ts';

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

function upstreamView(endpoint: Endpoint): UpstreamView {
  const { address, weight, readiness, active, requests, failures, latency, transport, circuit } = endpoint;
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
    circuit: circuit === undefined ? undefined : circuitView(circuit),
  };
}

function circuitView({ state, since, reason, requests, failures, openings, wait }: Circuit): CircuitView {
  return {
    state,
    since: new Date(since).toISOString(),
    reason: reason === '' ? undefined : reason,
    requests,
    failures,
    openings,
    tried_in_s: state === 'open' ? Math.ceil(wait / 1000) : undefined,
  };
}
