import type { AdminView } from './view.ts';

/** What `/stats` says, in the words of its users: times are ISO 8601, durations have their unit in the name. */
export function stats(view: AdminView): Readonly<Record<string, unknown>> {
  const { version, loadedAt, reloads } = view.config();
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
    backends: view.backends(),
    circuits: {},
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
