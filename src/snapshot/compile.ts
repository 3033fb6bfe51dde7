import type { Config } from '../config/document.ts';
import type { RouteConfig } from '../config/route.ts';
import type { Handler } from '../http/layer.ts';
import { forwarding } from '../layers/forwarding/layer.ts';
import { observe } from '../layers/observe/layer.ts';
import type { RequestMetrics } from '../layers/observe/metrics.ts';
import { timeout } from '../layers/timeout/layer.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { Backends } from '../upstream/backends.ts';
import { forward } from '../upstream/forward.ts';
import { respond } from './respond.ts';
import { type Routable, Router } from './router.ts';
import { build } from './stack.ts';

/** What a route's handler is made of and outlives it. */
export interface Parts {
  readonly backends: Backends;
  readonly wheel: Wheel;
  readonly requestMetrics: RequestMetrics;
}

export interface CompiledRoute extends Routable {
  readonly id: string;
  readonly handler: Handler;
}

/** A configuration that requests can run on. Never changes; holds no state that must outlive it. */
export interface Snapshot {
  readonly router: Router<CompiledRoute>;
  readonly routes: readonly CompiledRoute[];
  /** Counts and times exchanges that no route took. */
  readonly unrouted: (end: Handler) => Handler;
}

const UNROUTED = 'none';

/** @param config checked: every backend that a route names is in `parts.backends` */
export function compile(config: Config, parts: Parts): Snapshot {
  const { detailed_metrics: detailed, prometheus } = config.metrics;
  const counting = (id: string) =>
    prometheus ? observe(detailed ? id : 'all', parts.requestMetrics, parts.wheel.clock) : undefined;
  const routes = config.routes.map((route) => ({
    id: route.id,
    path: route.path,
    methods: route.methods,
    handler: handlerOf(route, counting(route.id), parts),
  }));
  const unrouted = counting(UNROUTED);
  return { router: new Router(routes), routes, unrouted: (end) => unrouted?.(end) ?? end };
}

function handlerOf(route: RouteConfig, counting: ReturnType<typeof observe> | undefined, parts: Parts): Handler {
  if (route.respond !== undefined) {
    return build({ observe: counting, timeout: undefined, forwarding: undefined }, respond(route.respond));
  }
  return build(
    { observe: counting, timeout: timeout(route.timeout, parts.wheel), forwarding: forwarding(route) },
    forward(parts.backends.get(route.backend)),
  );
}
