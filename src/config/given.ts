import type { z } from 'zod';
import type { Problem } from './config-error.ts';
import { overlayEnvironment } from './environment.ts';
import type { Origins } from './origins.ts';
import { isBlock, overlay, type Setting } from './overlay.ts';
import { proxyProblems, proxySettings, shortSettings } from './short-settings.ts';
import type { Environment } from './substitute.ts';

/** What a command line says about a configuration. */
export interface Given {
  /** Upstreams of a proxy that no file describes; never none. */
  readonly backends?: readonly string[];
  readonly listen?: string;
}

/**
 * Puts over a document what its surroundings say: the short variables, then the long ones, which are more exact, then
 * the command line.
 * @param document what the files say; undefined: there are none
 * @returns the document, and what is wrong with the settings themselves
 */
export function overlayGiven(
  document: unknown,
  surroundings: { environment: Environment | null; given?: Given | undefined },
  schema: z.ZodType,
  origins: Origins,
): { document: unknown; problems: readonly Problem[] } {
  const { environment, given = {} } = surroundings;
  // What is no block of keys is refused as it is.
  if (environment === null || (document !== undefined && !isBlock(document))) return { document, problems: [] };
  const put = (before: unknown, settings: readonly Setting[]): unknown =>
    settings.reduce((result, setting) => overlay(result, setting, origins), before);

  const typed = given.backends?.map((address) => ({ address, source: '--backend' }));
  // With upstreams on the command line it is not the table's proxy, which probes what may have no /health.
  const short = shortSettings(environment, document ?? (typed && {}), schema);
  const targets = typed ?? short.targets;
  const wrong = proxyProblems(targets, document);
  const proxy = wrong.length > 0 ? [] : proxySettings(targets);
  const base = put(put(document ?? {}, proxy), short.settings);
  const long = overlayEnvironment(base, environment, schema, origins);
  const listen = given.listen === undefined ? [] : [{ path: ['server', 'http_addr'], value: given.listen, source: '--listen' }];
  return { document: put(long.document, listen), problems: [...short.problems, ...wrong, ...long.problems] };
}
