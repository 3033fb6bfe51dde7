import type { ConfigError } from './config-error.ts';
import type { Config } from './document.ts';

/** What a source held when it was asked. */
export type Loaded =
  | { readonly kind: 'checked'; readonly version: string; readonly config: Config }
  | { readonly kind: 'refused'; readonly version: string; readonly error: ConfigError }
  /** As its version says, it is the one that the caller knows: it was not checked again. */
  | { readonly kind: 'unchanged'; readonly version: string };

/** Where configurations come from. Loading and watching are apart: who is told of a change asks when it suits. */
export interface ConfigSource {
  /**
   * Reads and checks what is there now, off the serving thread.
   * @param known the version that the caller needs no second time
   * @throws Error when it could not be found out; that tells nothing about the configuration
   */
  load(known?: string): Promise<Loaded>;
  /**
   * Calls back when there may be something new; also when, looked at closely, there is not. Never during the call.
   * @returns a function that ends it
   */
  watch(onChange: () => void): () => void;
  /** Ends what a load has started, and watches too. A load that goes on rejects. */
  close(): void;
}

/**
 * What to start with.
 * @throws ConfigError with all that is wrong with it
 */
export async function loadFirst(source: ConfigSource): Promise<{ readonly version: string; readonly config: Config }> {
  const loaded = await source.load();
  if (loaded.kind === 'refused') throw loaded.error;
  if (loaded.kind === 'checked') return loaded;
  throw new Error('a source that was told of no version has found it unchanged');
}
