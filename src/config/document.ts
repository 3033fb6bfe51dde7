import { z } from 'zod';
import { type AdminConfig, adminSchema, joinAdmin, type MetricsConfig, metricsSchema } from '../admin/config.ts';
import { name } from '../lib/fields.ts';
import { type ServerConfig, serverSchema } from '../server/config.ts';
import { type LogConfig, logSchema } from '../telemetry/config.ts';
import { algorithmSchema, type BackendConfig, backendSchema } from '../upstream/config.ts';
import { defaultsSchema, finishRoute, type RouteConfig, routeSchema } from './route.ts';

const loadBalancing = z.strictObject({
  algorithm: algorithmSchema.prefault('round_robin').describe('For every backend that does not name its own.'),
  backends: z.record(name(), backendSchema).prefault({}).describe('Services by name.'),
});

/** All that a configuration may say, as it is written. */
export const documentSchema = z.strictObject({
  server: serverSchema.prefault({}),
  admin: adminSchema.prefault({}),
  load_balancing: loadBalancing.prefault({}),
  defaults: defaultsSchema.prefault({}),
  routes: z.array(routeSchema).prefault([]),
  metrics: metricsSchema.prefault({}),
  log: logSchema.prefault({}),
});

/** A configuration that has been checked, with every default filled in. Frozen all through. */
export interface Config {
  readonly server: ServerConfig;
  readonly admin: AdminConfig;
  readonly metrics: MetricsConfig;
  readonly log: LogConfig;
  readonly backends: Readonly<Record<string, BackendConfig>>;
  readonly routes: readonly RouteConfig[];
}

/** What the program runs on, out of what the document says: defaults and second names are resolved. */
export function finish(document: z.output<typeof documentSchema>): Config {
  const { server, load_balancing, defaults, log } = document;
  const backends = Object.entries(load_balancing.backends).map(
    ([name, backend]) => [name, { ...backend, algorithm: backend.algorithm ?? load_balancing.algorithm }] as const,
  );
  return {
    server,
    ...joinAdmin(document.admin, document.metrics),
    log,
    backends: Object.fromEntries(backends),
    routes: document.routes.map((route) => finishRoute(route, defaults)),
  };
}
