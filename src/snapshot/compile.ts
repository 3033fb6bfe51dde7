import type { Config } from '../config/document.ts';
import type { RouteConfig } from '../config/route.ts';
import type { Handler } from '../http/layer.ts';
import { accessLog } from '../layers/access-log/layer.ts';
import { observe } from '../layers/observe/layer.ts';
import type { RequestMetrics } from '../layers/observe/metrics.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { LineSink } from '../telemetry/output.ts';
import type { BackendPlan } from '../upstream/backends.ts';
import { forward } from '../upstream/forward.ts';
import { type TriesTools, tries } from '../upstream/retry/tries.ts';
import type { LayerFactories } from './custom-layers.ts';
import type { LayerParts } from './layer-parts.ts';
import { redirect } from './redirect.ts';
import { respond } from './respond.ts';
import { RouteLayers } from './route-layers.ts';
import { Router } from './router.ts';
import type { Routable } from './rule.ts';
import { BARE, build } from './stack.ts';

/** What a route's handler is made of and outlives it. */
export interface Parts {
  readonly backends: Pick<BackendPlan, 'get'>;
  readonly wheel: Wheel;
  readonly requestMetrics: RequestMetrics;
  readonly tries: TriesTools;
  readonly layers: LayerParts;
  /** Those that routes name by module. */
  readonly customLayers: LayerFactories;
  /** Undefined: access lines are not wanted. */
  readonly accessLines?: LineSink | undefined;
}

export interface CompiledRoute extends Routable {
  readonly id: string;
  readonly handler: Handler;
  /** Whether it answers CORS preflights itself, whatever its methods are. */
  readonly answersPreflights: boolean;
}

/** A configuration that requests can run on. Never changes; holds no state that must outlive it. */
export interface Snapshot {
  readonly router: Router<CompiledRoute>;
  readonly routes: readonly CompiledRoute[];
  /** Counts, times and logs exchanges that no route took. */
  readonly unrouted: (end: Handler) => Handler;
}

const UNROUTED = 'none';

/** @param config checked: every backend that a route names is in `parts.backends` */
export function compile(config: Config, parts: Parts): Snapshot {
  const steps = compileSteps(config, parts);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** {@link compile}, a route at a time: ten thousand routes at once would hold up every request meanwhile. */
export function* compileSteps(config: Config, parts: Parts): Generator<undefined, Snapshot> {
  const { detailed_metrics: detailed, prometheus } = config.metrics;
  const counting = (id: string) =>
    prometheus ? observe(detailed ? id : 'all', parts.requestMetrics, parts.wheel.clock) : undefined;
  const { accessLines: lines } = parts;
  const logging = lines === undefined ? undefined : accessLog(accessConfig(config), lines, parts.wheel.clock);
  const layers = new RouteLayers(config, parts.layers, parts.customLayers);
  const routes: CompiledRoute[] = [];
  const router = new Router<CompiledRoute>([], config.tenantSource);
  for (const route of config.routes) {
    const { id, path, path_params, host, methods, tenant, when, priority } = route;
    const outer = { observe: counting(id), accessLog: route.access_log ? logging : undefined };
    const handler = build({ ...outer, ...layers.of(route) }, endOf(route, parts));
    const answersPreflights = route.cors !== undefined;
    const compiled = { id, path, path_params, host, methods, tenant, when, priority, handler, answersPreflights };
    routes.push(compiled);
    router.add(compiled);
    yield;
  }
  const unrouted = counting(UNROUTED);
  const outside = { ...BARE, observe: unrouted, accessLog: logging };
  return { router, routes, unrouted: (end) => build(outside, end) };
}

/** A line says what a request was like when it came: a credential that is taken out of it later is still in it. */
function accessConfig({ log: { access }, middleware: { authentication } }: Config): Config['log']['access'] {
  if (authentication === undefined) return access;
  const { auth_type, api_key, jwt } = authentication;
  const names = [...(auth_type.includes('api_key') ? [api_key.header, api_key.query] : []), jwt?.header ?? ''];
  return { ...access, redact: [...access.redact, ...names.filter((name) => name !== '').map((name) => name.toLowerCase())] };
}

function endOf(route: RouteConfig, parts: Parts): Handler {
  if (route.respond !== undefined) return respond(route.respond);
  return route.redirect !== undefined ? redirect(route.redirect) : upstreamOf(route, parts);
}

function upstreamOf({ backend: name, retry, hedge }: RouteConfig & { backend: string }, parts: Parts): Handler {
  const backend = parts.backends.get(name);
  if (retry.max_retries === 0 && retry.per_try_timeout === undefined && hedge === undefined) {
    return forward(backend, parts.wheel.clock);
  }
  return tries(backend, { retry, hedge }, parts.tries);
}
