import { type ConfigInput, checkInput } from './check.ts';
import { ConfigError } from './config-error.ts';
import { Inputs, type Known, readAgain } from './inputs.ts';
import { readText } from './read-text.ts';
import type { Loaded } from './source.ts';

/** What a configuration is made of besides the files that its file names. Plain data. */
export interface FileInput extends Pick<ConfigInput, 'environment' | 'given'> {
  /** Absent: there is no file, and the settings alone make the configuration. */
  readonly file?: string | undefined;
}

/** What became of a file, and what has to be looked at to see whether it would become the same again. */
export interface CheckedFile {
  readonly loaded: Loaded;
  readonly known: Known;
}

/**
 * Reads and checks a file and all that it names. Blocks: about 1.5 s for ten thousand routes, see {@link OffThread}.
 * @param known what it was made of before: nothing is checked when all of that still is as it was
 */
export function checkFile({ file, ...settings }: FileInput, known?: Known): CheckedFile {
  const same = known && readAgain(known);
  if (same !== undefined) return { loaded: { kind: 'unchanged', version: same.version }, known: same };
  const inputs = new Inputs();
  try {
    const main = file === undefined ? {} : { main: { text: readText(file, inputs), file } };
    const { config } = checkInput({ ...main, ...settings }, inputs);
    const known = inputs.known();
    return { loaded: { kind: 'checked', version: known.version, config }, known };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const known = inputs.known();
    return { loaded: { kind: 'refused', version: known.version, error }, known };
  }
}
