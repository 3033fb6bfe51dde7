import type * as Toml from 'smol-toml';
import { LineCounter } from 'yaml';
import { onDemand } from '../lib/on-demand.ts';
import { ConfigError, type Finding, type Place, toProblem } from './config-error.ts';
import { MAX_DEPTH, type Parsed } from './parsed.ts';
import type { Path } from './path.ts';
import type { Fill } from './substitute.ts';
import { placesOf } from './toml-places.ts';

const toml = onDemand<typeof Toml>('smol-toml');

/**
 * Reads TOML 1.0.
 * @param file for messages
 * @param fill puts variables into texts
 * @throws ConfigError for anything that is not a document of plain values with distinct keys
 */
export function parseToml(text: string, file: string, fill: Fill): Parsed {
  const written = parseText(text, file);
  const offsetOf = placesOf(text, (key) => {
    const filled = fill(key);
    return 'text' in filled ? filled.text : key;
  });
  const lines = new LineCounter();
  for (let start = 0; start >= 0; start = text.indexOf('\n', start) + 1 || -1) lines.addNewLine(start);
  const locate = (path: Path, atKey = false): Place => {
    const offset = offsetOf(path, atKey);
    if (offset === undefined) return {};
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const reader = new Reader(fill);
  const value = reader.read(written, [], 0);
  if (reader.errors.length > 0)
    throw new ConfigError(
      reader.errors.map((error) => toProblem(error, locate)),
      file,
    );
  return { value, findings: reader.unset, locate };
}

function parseText(text: string, file: string): unknown {
  try {
    return toml().parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof toml().TomlError)) throw error;
    const { line, column } = error;
    // What follows the first line is a picture of the text around it.
    const message = (error.message.split('\n')[0] as string).replace(/^Invalid TOML document: /, '');
    throw new ConfigError([{ path: '', line, column, message }], file, error);
  }
}

/** Puts variables in, and refuses what the other formats cannot say. */
class Reader {
  readonly errors: Finding[] = [];
  readonly unset: Finding[] = [];
  private readonly variables: Fill;

  constructor(fill: Fill) {
    this.variables = fill;
  }

  read(value: unknown, path: Path, depth: number): unknown {
    if (typeof value === 'string') return this.fill(value, path, false);
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return this.refuse(path, `is nested more than ${MAX_DEPTH} deep`);
    if (value instanceof toml().TomlDate) return this.refuse(path, 'is a date, which no setting is: a text stands in quotes');
    if (Array.isArray(value)) return value.map((item, at) => this.read(item, [...path, at], depth + 1));
    const table: Record<string, unknown> = {};
    for (const [written, inner] of Object.entries(value)) {
      const key = this.fill(written, [...path, written], true);
      const full = [...path, key];
      if (Object.hasOwn(table, key)) this.errors.push({ path: full, atKey: true, message: 'stands there twice' });
      // Assigned like other keys it would become the prototype and vanish.
      else if (key === '__proto__') this.errors.push({ path: full, atKey: true, message: 'cannot be a key' });
      else table[key] = this.read(inner, full, depth + 1);
    }
    return table;
  }

  private fill(text: string, path: Path, atKey: boolean): string {
    const result = this.variables(text);
    if ('text' in result) return result.text;
    for (const message of result.wrong) this.unset.push({ path, atKey, message });
    return text;
  }

  private refuse(path: Path, message: string): null {
    this.errors.push({ path, message });
    return null;
  }
}
