import { ConfigError } from './config-error.ts';
import type { Parsed } from './parsed.ts';
import { type Environment, type Fill, substitute } from './substitute.ts';
import { parseToml } from './toml.ts';
import { parseYaml } from './yaml.ts';

/** Far above ten thousand routes; below what would stall a process or fill its memory. */
export const MAX_TEXT = 16 * 1024 * 1024;

const AS_WRITTEN: Fill = (text) => ({ text });

/**
 * Reads TOML, YAML or JSON, and puts environment variables in.
 * @param file for messages; one that ends in `.toml` holds TOML
 * @param environment null: `${VAR}` has no meaning
 * @throws ConfigError for anything that is not one document of plain values with distinct keys
 */
export function parse(text: string, file: string, environment?: Environment | null): Parsed {
  if (text.length > MAX_TEXT) throw new ConfigError([{ path: '', message: `is larger than ${MAX_TEXT} characters` }], file);
  const fill: Fill = environment === null ? AS_WRITTEN : (written) => substitute(written, environment);
  return /\.toml$/i.test(file) ? parseToml(text, file, fill) : parseYaml(text, file, fill);
}
