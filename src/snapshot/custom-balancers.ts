import { type BalancerFactory, readFactory } from '../upstream/balancers/custom.ts';
import type { BackendConfig } from '../upstream/config.ts';
import { type Extensions, ModuleError } from './extensions.ts';

const MODULE = 'module:';

/**
 * Loads the balancers that backends name by module.
 * @returns by the `algorithm` that names them
 * @throws ModuleError that says what is wrong, a line for each backend, when one cannot be had
 */
export async function loadBalancers(
  backends: Readonly<Record<string, BackendConfig>>,
  extensions: Extensions,
): Promise<Map<string, BalancerFactory>> {
  const factories = new Map<string, BalancerFactory>();
  const wrong: string[] = [];
  for (const [name, { algorithm }] of Object.entries(backends)) {
    if (!algorithm.startsWith(MODULE) || factories.has(algorithm)) continue;
    const loaded = await extensions.load(algorithm.slice(MODULE.length));
    const factory = 'wrong' in loaded ? loaded : readFactory(loaded.value);
    if (typeof factory === 'function') factories.set(algorithm, factory);
    else wrong.push(`load_balancing.backends.${name}.algorithm: ${factory.wrong}`);
  }
  if (wrong.length > 0) throw new ModuleError(wrong.join('\n'));
  return factories;
}
