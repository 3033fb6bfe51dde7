import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * A package that most configurations do without, loaded where it is first needed and without a promise: what needs it is
 * synchronous. ES modules can be required since Node 22.12, if nothing in them awaits.
 */
export function onDemand<Module>(name: string): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= require(name) as Module;
    return loaded;
  };
}
