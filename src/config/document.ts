import { z } from 'zod';
import { type AdminConfig, adminSchema, joinAdmin, type MetricsConfig, metricsSchema } from '../admin/config.ts';
import { type FleetConfig, fleetSchema } from '../fleet/config.ts';
import { flag, name } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { type RedisConfig, redisSchema } from '../redis/config.ts';
import { type ServerConfig, serverSchema } from '../server/config.ts';
import { type ExtensionsConfig, extensionsSchema } from '../snapshot/config.ts';
import { type LogConfig, logSchema } from '../telemetry/config.ts';
import { algorithmSchema, type BackendConfig, backendSchema } from '../upstream/config.ts';
import { finishChecks, healthCheck } from '../upstream/health/config.ts';
import { type Consumer, consumersSchema } from './consumers.ts';
import { type MiddlewareConfig, middlewareSchema } from './middleware.ts';
import { defaultsSchema, finishRoute, type RouteConfig, routeSchema } from './route.ts';
import { type TenantSource, tenancySchema } from './tenancy.ts';
import { resolveTenants } from './tenant-keys.ts';

const loadBalancing = z.strictObject({
  algorithm: algorithmSchema.prefault('round_robin').describe('For every backend that does not name its own.'),
  backends: z.record(name(), backendSchema).prefault({}).describe('Services by name.'),
});

const configSource = z.strictObject({
  file: z
    .strictObject({
      watch: flag()
        .prefault(true)
        .describe('Whether a change of the file, or of a file that it includes or names, is taken over at once.'),
    })
    .prefault({})
    .describe('The file that the gateway was started with.'),
});

/** All that a configuration may say, as it is written. */
export const documentSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors: where the JSON Schema of this document is. Nothing else reads it.'),
  include: z.array(z.string()).prefault([]).describe('More files with routes and load_balancing.backends. "*" matches names.'),
  server: serverSchema.prefault({}),
  admin: adminSchema.prefault({}),
  redis: redisSchema.optional().describe('What the instances of a fleet share. Without it an instance is complete by itself.'),
  fleet: fleetSchema.optional().describe('Which fleet this instance belongs to.'),
  load_balancing: loadBalancing.prefault({}),
  health_check: healthCheck.optional().describe('Defaults for the checks of all backends; with this block, all are probed.'),
  defaults: defaultsSchema.prefault({}),
  routes: z.array(routeSchema).prefault([]),
  middleware: middlewareSchema.prefault({}).describe('Definitions for routes: nothing here acts until one of them names it.'),
  consumers: consumersSchema.prefault([]).describe('Those who are known by their credentials.'),
  tenancy: tenancySchema.optional().describe('How the tenant of a request is known.'),
  metrics: metricsSchema.prefault({}),
  log: logSchema.prefault({}),
  config_source: configSource.prefault({}).describe('Where new configurations come from.'),
  extensions: extensionsSchema.prefault({}).describe('Modules of your own.'),
});

/** A configuration that has been checked, with every default filled in. Frozen all through. */
export interface Config {
  readonly server: ServerConfig;
  readonly admin: AdminConfig;
  readonly metrics: MetricsConfig;
  /** Undefined: nothing is shared with others. */
  readonly redis: RedisConfig | undefined;
  readonly fleet: FleetConfig;
  readonly log: LogConfig;
  readonly config_source: Frozen<z.output<typeof configSource>>;
  readonly extensions: ExtensionsConfig;
  readonly backends: Readonly<Record<string, BackendConfig>>;
  readonly routes: readonly RouteConfig[];
  /** Of these the routes know only whether they use them. */
  readonly middleware: Pick<MiddlewareConfig, 'authentication' | 'rate_limiting' | 'ip_key'>;
  readonly consumers: readonly Consumer[];
  /** Undefined: no route is for one tenant. */
  readonly tenantSource: TenantSource | undefined;
}

/** What the program runs on, out of what the document says: defaults and second names are resolved. */
export function finish(document: z.output<typeof documentSchema>): Config {
  const { server, load_balancing, defaults, log, config_source, extensions, middleware, consumers } = document;
  const { authentication, rate_limiting, ip_key } = middleware;
  const backends = Object.entries(load_balancing.backends).map(([name, { health_check, algorithm, ...backend }]) => {
    const health_checks = finishChecks(health_check, document.health_check);
    return [name, { ...backend, algorithm: algorithm ?? load_balancing.algorithm, health_checks }] as const;
  });
  const counting = {
    backends: Object.fromEntries(backends),
    routes: document.routes.map((route) => finishRoute(route, defaults, middleware)),
    middleware: { authentication, rate_limiting, ip_key },
    consumers,
  };
  const tenantSource = document.tenancy?.from;
  return {
    server,
    redis: document.redis,
    fleet: document.fleet ?? fleetSchema.parse({}),
    ...joinAdmin(document.admin, document.metrics),
    log,
    config_source,
    extensions,
    ...resolveTenants(counting, tenantSource),
    tenantSource,
  };
}
