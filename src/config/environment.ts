import type { z } from 'zod';
import { ConfigError, type Problem } from './config-error.ts';
import { kindsAt } from './keys.ts';
import type { Origins } from './origins.ts';
import { overlay, wayOf } from './overlay.ts';
import { parse } from './parse.ts';
import type { Path } from './path.ts';
import type { Environment } from './substitute.ts';

const PREFIX = 'SLUICE_';

/** Names by which variables mean a setting: those of the short ones are in short-settings.ts. */
export function isLongName(name: string): boolean {
  return name.startsWith(PREFIX) && name.slice(PREFIX.length - 1).includes('__');
}

/** How messages name a variable. */
export function variable(name: string): string {
  return `environment variable ${name}`;
}

/**
 * Puts into a document what variables such as `SLUICE_SERVER__HTTP_ADDR` say. Shorter names go first, so that
 * `SLUICE_ROUTES__0__ID` changes what `SLUICE_ROUTES` brings; an empty variable counts as not set.
 * @returns the document, and what is wrong with the variables themselves
 */
export function overlayEnvironment(
  document: unknown,
  environment: Environment,
  schema: z.ZodType,
  origins: Origins,
): { document: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  let result = document;
  for (const { name, names, text } of settings(environment)) {
    const source = variable(name);
    try {
      const path = names.includes('') ? 'the parts of a name have two underscores between them' : wayOf(names, result, schema);
      if (typeof path === 'string') throw new ConfigError([{ path: '', message: path }]);
      if (path[0] === 'include') throw new ConfigError([{ path: 'include', message: 'stands in the file alone' }]);
      result = overlay(result, { path, value: readValue(text, path, schema), source }, origins);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map(({ line, column, ...problem }) => ({ ...problem, source })));
    }
  }
  return { document: result, problems };
}

function settings(environment: Environment): { name: string; names: string[]; text: string }[] {
  const found = Object.entries(environment).flatMap(([name, text]) =>
    isLongName(name) && text !== undefined && text !== ''
      ? [{ name, names: name.slice(PREFIX.length).toLowerCase().split('__'), text }]
      : [],
  );
  // Numbers by their value: the entries of a list are added in order.
  const order = new Intl.Collator('en', { numeric: true });
  return found.sort((one, other) => one.names.length - other.names.length || order.compare(one.name, other.name));
}

/**
 * A text is as good as a number or a flag: the schema reads both. Only lists and blocks need more.
 * @throws ConfigError for a list or a block that cannot be read
 */
export function readValue(text: string, path: Path, schema: z.ZodType): unknown {
  const kinds = kindsAt(schema, path);
  const block = kinds.has('object') || kinds.has('record');
  // What only begins so is an IPv6 address.
  const list = text.startsWith('[') && text.endsWith(']');
  if ((kinds.has('array') && list) || (block && text.startsWith('{'))) return parse(text, '', null).value;
  if (!kinds.has('array') || (kinds.has('string') && !text.includes(','))) return text;
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
