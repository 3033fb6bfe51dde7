import type { RouteConfig } from '../config/route.ts';
import { asGatewayError, type ErrorCode, GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import type { Handler, Layer } from '../http/layer.ts';
import { bodyText } from '../http/problem.ts';
import { Reply } from '../http/reply.ts';
import { thrownText } from '../lib/thrown.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Extensions } from './extensions.ts';

/** What a layer of a user may need and cannot import: the classes of the gateway that runs it. */
export interface LayerTools {
  /** The id of the route. */
  readonly route: string;
  readonly logger: Logger;
  /** A reply of the layer's own. @throws TypeError for a field that cannot be sent */
  reply(status: number, headers?: Readonly<Record<string, string>>, body?: string): Reply;
  /** To be thrown: an error of the gateway's table, answered as its own are. */
  error(code: ErrorCode, detail?: string): Error;
}

/** What a module exports as its default. Called once for each place in a route that names it, whenever a configuration is compiled. */
export type LayerFactory = (config: unknown, tools: LayerTools) => Layer;

/** By the `module` that names them. */
export type LayerFactories = ReadonlyMap<string, LayerFactory>;

/**
 * Loads the layers that routes name by module, each once.
 * @throws Error that says what is wrong, a line for each place, when one cannot be had
 */
export async function loadLayers(
  routes: readonly Pick<RouteConfig, 'id' | 'custom'>[],
  extensions: Pick<Extensions, 'load'>,
): Promise<LayerFactories> {
  const factories = new Map<string, LayerFactory>();
  const wrong = new Map<string, string>();
  const problems: string[] = [];
  for (const { id, custom } of routes) {
    for (const [at, { module }] of custom.entries()) {
      if (!factories.has(module) && !wrong.has(module)) {
        const loaded = await extensions.load(module);
        if ('wrong' in loaded) wrong.set(module, loaded.wrong);
        else factories.set(module, loaded.value as LayerFactory);
      }
      const problem = wrong.get(module);
      if (problem !== undefined) problems.push(`route ${id}: custom[${at}].module: ${problem}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return factories;
}

/**
 * The layers of a route in one, the first of the list outermost. What they throw or give that is neither a reply nor an error of
 * ours is a 500 for the one request, and told.
 * @throws Error when a factory fails: the configuration is refused then
 */
export function customLayers(
  { id, custom }: Pick<RouteConfig, 'id' | 'custom'>,
  factories: LayerFactories,
  logger: Logger,
): Layer {
  const layers = custom.map(({ module, config }) => openLayer(module, config, { route: id, factories, logger }));
  return (next) => layers.reduceRight<Handler>((inner, layer) => layer(inner), next);
}

interface Place {
  readonly route: string;
  readonly factories: LayerFactories;
  readonly logger: Logger;
}

function openLayer(module: string, config: unknown, { route, factories, logger }: Place): Layer {
  const fail = (problem: string) => new Error(`route ${route}: ${module}: ${problem}`);
  let layer: unknown;
  try {
    // A copy: what the module writes into it is nobody else's, and a frozen one would surprise it.
    layer = factories.get(module)?.(structuredClone(config), toolsOf(route, logger));
  } catch (error) {
    throw fail(`the default export throws: ${thrownText(error)}`);
  }
  if (layer instanceof Promise) layer.catch(() => {});
  if (typeof layer !== 'function') throw fail('the default export must return a layer: a function of the next handler');
  return (next) => {
    let handler: unknown;
    try {
      handler = (layer as Layer)(next);
    } catch (error) {
      throw fail(`the layer throws when it is put together: ${thrownText(error)}`);
    }
    if (typeof handler !== 'function') throw fail('the layer must return a handler: a function of the exchange');
    return guarded(handler as Handler, module);
  };
}

function guarded(handler: Handler, module: string): Handler {
  const checked = (reply: unknown): Reply => {
    if (reply instanceof Reply) return reply;
    throw new GatewayError('internal', undefined, new Error(`${module} gave no reply`));
  };
  const foreign = (thrown: unknown): never => {
    const error = asGatewayError(thrown);
    throw error === thrown ? error : new GatewayError('internal', undefined, new Error(`${module} failed`, { cause: thrown }));
  };
  return (exchange: Exchange) => {
    let reply: Reply | Promise<Reply>;
    try {
      reply = handler(exchange);
    } catch (thrown) {
      return foreign(thrown);
    }
    return reply instanceof Promise ? reply.then(checked, foreign) : checked(reply);
  };
}

function toolsOf(route: string, logger: Logger): LayerTools {
  return {
    route,
    logger,
    reply: (status, headers = {}, body = '') =>
      new Reply(status, Headers.from(Object.entries(headers)), body === '' ? undefined : bodyText(body)),
    error: (code, detail) => new GatewayError(code, detail),
  };
}
