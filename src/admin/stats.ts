import type { AdminView, CircuitView } from './view.ts';

/** What `/stats` says, in the words of its users: times are ISO 8601, durations have their unit in the name. */
export function stats(view: AdminView): Readonly<Record<string, unknown>> {
  const { version, loadedAt, reloads } = view.config();
  const backends = view.backends();
  return {
    state: view.state(),
    uptime_s: Math.round(view.uptime() / 100) / 10,
    version: view.version,
    node: process.versions.node,
    connections: view.connections(),
    config: {
      version,
      loaded_at: iso(loadedAt),
      reloads: reloads.map(({ at, ...reload }) => ({ at: iso(at), ...reload })),
    },
    routes: view.routes(),
    backends,
    circuits: circuitsOf(backends),
    ...view.shared(),
  };
}

/** The circuits there are, by `backend/address`: what a dashboard asks for first. */
function circuitsOf(backends: ReturnType<AdminView['backends']>): Record<string, CircuitView> {
  return Object.fromEntries(
    Object.entries(backends).flatMap(([name, { upstreams }]) =>
      upstreams.flatMap(({ address, circuit }) => (circuit === undefined ? [] : [[`${name}/${address}`, circuit] as const])),
    ),
  );
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
