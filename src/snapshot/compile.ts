import type { Config } from '../config/document.ts';
import type { RouteConfig } from '../config/route.ts';
import type { Handler, Layer } from '../http/layer.ts';
import { accessLog } from '../layers/access-log/layer.ts';
import { bodyLimit } from '../layers/body-limit/layer.ts';
import { forwarding } from '../layers/forwarding/layer.ts';
import { observe } from '../layers/observe/layer.ts';
import type { RequestMetrics } from '../layers/observe/metrics.ts';
import { timeout } from '../layers/timeout/layer.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { LineSink } from '../telemetry/output.ts';
import type { BackendPlan } from '../upstream/backends.ts';
import { forward } from '../upstream/forward.ts';
import { type TriesTools, tries } from '../upstream/retry/tries.ts';
import { redirect } from './redirect.ts';
import { respond } from './respond.ts';
import { Router } from './router.ts';
import type { Routable } from './rule.ts';
import { build } from './stack.ts';

/** What a route's handler is made of and outlives it. */
export interface Parts {
  readonly backends: Pick<BackendPlan, 'get'>;
  readonly wheel: Wheel;
  readonly requestMetrics: RequestMetrics;
  readonly tries: TriesTools;
  /** Undefined: access lines are not wanted. */
  readonly accessLines?: LineSink | undefined;
}

export interface CompiledRoute extends Routable {
  readonly id: string;
  readonly handler: Handler;
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
  const logging = lines === undefined ? undefined : accessLog(config.log.access, lines, parts.wheel.clock);
  const routes: CompiledRoute[] = [];
  const router = new Router<CompiledRoute>([], config.tenantSource);
  for (const route of config.routes) {
    const { id, path, path_params, host, methods, tenant, when, priority } = route;
    const most = route.body_bytes ?? config.server.limits.body_bytes;
    const outer = {
      observe: counting(id),
      accessLog: route.access_log ? logging : undefined,
      bodyLimit: most > 0 ? bodyLimit(most) : undefined,
    };
    const handler = handlerOf(route, outer, parts);
    const compiled = { id, path, path_params, host, methods, tenant, when, priority, handler };
    routes.push(compiled);
    router.add(compiled);
    yield;
  }
  const unrouted = counting(UNROUTED);
  const outside = { observe: unrouted, accessLog: logging, bodyLimit: undefined, timeout: undefined, forwarding: undefined };
  return { router, routes, unrouted: (end) => build(outside, end) };
}

/** Layers that see requests of every kind, refused ones too. */
interface Outer {
  readonly observe: Layer | undefined;
  readonly accessLog: Layer | undefined;
  readonly bodyLimit: Layer | undefined;
}

function handlerOf(route: RouteConfig, outer: Outer, parts: Parts): Handler {
  const alone = { ...outer, timeout: undefined, forwarding: undefined };
  if (route.respond !== undefined) return build(alone, respond(route.respond));
  if (route.redirect !== undefined) return build(alone, redirect(route.redirect));
  return build(
    { ...outer, timeout: timeout(route.timeout, parts.wheel), forwarding: forwarding(route) },
    upstreamOf(route, parts),
  );
}

function upstreamOf({ backend: name, retry, hedge }: RouteConfig & { backend: string }, parts: Parts): Handler {
  const backend = parts.backends.get(name);
  if (retry.max_retries === 0 && retry.per_try_timeout === undefined && hedge === undefined) {
    return forward(backend, parts.wheel.clock);
  }
  return tries(backend, { retry, hedge }, parts.tries);
}
