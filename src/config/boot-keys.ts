import { isDeepStrictEqual } from 'node:util';
import type { Config } from './document.ts';
import { isBlock } from './overlay.ts';
import { type Path, pathText, valueAt } from './path.ts';

/**
 * What a process takes up once, at its start: a change needs a new one. Some are not built; nothing differs in them.
 */
const KEYS: readonly Path[] = [
  ...['http_addr', 'https_addr', 'proxy_protocol', 'workers', 'zone', 'upgrade_sock', 'pid_file'].map((key) => ['server', key]),
  ['admin', 'addr'],
];
/** Of these blocks everything, but for what {@link HOT} names. */
const BLOCKS = ['redis', 'fleet', 'config_source', 'extensions', 'registration', 'metrics', 'tracing', 'log'] as const;
const HOT: readonly string[] = ['log.level', 'config_source.rollout', 'tracing.sampling_ratio'];

/** The boot settings in which two configurations differ, as dotted paths. None: the one can take the place of the other. */
export function bootDifferences(before: Config, after: Config): string[] {
  const keys = KEYS.filter((path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path)));
  const inBlocks = BLOCKS.flatMap((block) => differences(valueAt(before, [block]), valueAt(after, [block]), [block]));
  return [...keys.map(pathText), ...inBlocks];
}

function differences(before: unknown, after: unknown, path: Path): string[] {
  if (HOT.includes(pathText(path)) || isDeepStrictEqual(before, after)) return [];
  if (!isBlock(before) || !isBlock(after)) return [pathText(path)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], [...path, key]));
}
