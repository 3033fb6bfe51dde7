import type { RouteConfig } from '../config/route.ts';
import type { Handler, Layer } from '../http/layer.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { thrownText } from '../lib/thrown.ts';
import type { Logger } from '../telemetry/log.ts';
import { guarded, LayerFaults, tidied } from './custom-layer-guard.ts';
import { type LayerTools, layerTools } from './custom-layer-tools.ts';
import { type Extensions, ModuleError } from './extensions.ts';

/**
 * What a module exports as its default. Called once for each place in a route that names it, whenever a configuration is
 * compiled: what it throws refuses the configuration, so it is the place to check `config`, which is the layer's own copy of
 * what stands in the route. The layer is rebuilt at each reload; what must outlive that lives in the module.
 *
 * A layer stands behind all policies and inside the route's timeout, and calls `next` at most once.
 */
export type LayerFactory = (config: unknown, tools: LayerTools) => Layer;

/** By the `module` that names them. */
export type LayerFactories = ReadonlyMap<string, LayerFactory>;

type WithCustom = Pick<RouteConfig, 'id' | 'custom'>;

/**
 * Loads the layers that routes name by module, each once.
 * @throws ModuleError that says what is wrong, a line for each place, when one cannot be had
 */
export async function loadLayers(routes: readonly WithCustom[], extensions: Pick<Extensions, 'load'>): Promise<LayerFactories> {
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
      if (problem !== undefined) problems.push(`${placeOf(id, at)}.module: ${problem}`);
    }
  }
  if (problems.length > 0) throw new ModuleError(problems.join('\n'));
  return factories;
}

/**
 * The layers of a route in one, the first of the list outermost. Their faults cost the requests they happen on, and are told.
 * @throws ModuleError when a factory fails: the configuration is refused then
 */
export function customLayers(
  { id, custom }: WithCustom,
  factories: LayerFactories,
  logger: Logger,
  clock: Clock = systemClock,
): Layer {
  const tools = layerTools(id, logger, clock);
  const layers = custom.map(({ module, config }, at): Layer => {
    const fail = (problem: string) => new ModuleError(`${placeOf(id, at)}: ${module}: ${problem}`);
    const layer = open(factories.get(module), config, tools, fail);
    const faults = new LayerFaults(logger, clock, { module, route: id });
    return (next) => guarded(compose(layer, tidied(next), fail), faults);
  });
  return (next) => layers.reduceRight<Handler>((inner, layer) => layer(inner), next);
}

function placeOf(route: string, at: number): string {
  return `routes[${route}].custom[${at}]`;
}

type Fail = (problem: string) => Error;

function open(factory: LayerFactory | undefined, config: unknown, tools: LayerTools, fail: Fail): Layer {
  let layer: unknown;
  try {
    // A copy: what the module writes into it is nobody else's, and a frozen one would surprise it.
    layer = factory?.(structuredClone(config), tools);
  } catch (error) {
    throw fail(`the default export throws: ${thrownText(error)}`);
  }
  if (typeof layer === 'function') return layer as Layer;
  hush(layer);
  throw fail('the default export must return a layer: a function of the next handler');
}

function compose(layer: Layer, next: Handler, fail: Fail): Handler {
  let handler: unknown;
  try {
    handler = layer(next);
  } catch (error) {
    throw fail(`the layer throws when it is put together: ${thrownText(error)}`);
  }
  if (typeof handler === 'function') return handler as Handler;
  hush(handler);
  throw fail('the layer must return a handler: a function of the exchange');
}

/** A promise is not what is wanted, and its failure would end the process. */
function hush(made: unknown): void {
  if (made instanceof Promise) made.catch(() => {});
}
