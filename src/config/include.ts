import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError, type Problem } from './config-error.ts';
import { MAX_FILES, namesOf } from './include-names.ts';
import type { Files } from './inputs.ts';
import { type Included, Merging } from './merging.ts';
import type { Origins } from './origins.ts';
import { MAX_TEXT, parse } from './parse.ts';
import { valueAt } from './path.ts';
import { readText } from './read-text.ts';
import type { Environment } from './substitute.ts';

/**
 * Adds the routes and backends of the files that `include` names.
 * @param main the document, and where it is: patterns are relative to its directory
 * @throws ConfigError when the syntax of an included file is wrong, for all such files
 */
export function include(
  main: { document: unknown; directory: string; file: string | undefined },
  context: { environment: Environment | null; files: Files; origins: Origins },
): Included {
  const patterns = valueAt(main.document, ['include']);
  const merging = new Merging(main.document, context.origins, main.file);
  if (!Array.isArray(patterns)) return merging.result();
  const names = new Set<string>();
  for (const [at, pattern] of patterns.entries()) {
    if (typeof pattern !== 'string') continue;
    const found = namesOf(pattern, main.directory, context.files);
    if (typeof found === 'string') merging.refuse(['include', at], found);
    else for (const name of found) names.add(name);
  }
  const syntax: Problem[] = [];
  let size = 0;
  for (const name of [...names].slice(0, MAX_FILES)) {
    const path = resolve(main.directory, name);
    // As the main file is named, so are those it includes.
    const shown = main.file === undefined || isAbsolute(name) ? name : join(main.file, '..', name);
    try {
      if (main.file !== undefined && path === resolve(main.file))
        throw new ConfigError([{ path: '', message: 'includes itself' }]);
      const text = readText(shown, context.files, path);
      size += text.length;
      if (size > MAX_TEXT)
        throw new ConfigError([{ path: '', message: `the included files are larger than ${MAX_TEXT} characters` }]);
      const { value, findings, locate } = parse(text, shown, context.environment);
      merging.add(shown, value, findings, (at, atKey) => ({ source: shown, ...locate(at, atKey) }));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      syntax.push(...error.problems.map((problem) => ({ ...problem, source: shown })));
    }
  }
  if (names.size > MAX_FILES) merging.refuse(['include'], `names ${names.size} files: at most ${MAX_FILES}`);
  if (syntax.length > 0) throw new ConfigError(syntax, main.file);
  return merging.result();
}
