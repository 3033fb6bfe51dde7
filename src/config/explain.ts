import type { z } from 'zod';
import { quote } from '../lib/fields.ts';
import { suggest } from '../lib/suggest.ts';
import type { Finding } from './config-error.ts';
import { keysAt } from './keys.ts';
import { type Path, valueAt } from './path.ts';
import { isNotYet, laterKeys } from './vocabulary.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  object: 'a block of keys',
  record: 'a block of keys',
  string: 'a text',
};

/** The words for an issue whose schema has none of its own; given to zod while it checks. */
export function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? 'is missing'
      : `must be ${KINDS[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}`;
  }
  if (issue.code === 'invalid_value')
    return issue.input === undefined ? 'is missing' : `${quote(issue.input)} is not one of the words it may be`;
  if (issue.code === 'too_small' && issue.origin === 'array') return `needs at least ${issue.minimum} entry`;
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a block of keys' : quote(value);
}

/**
 * What one issue of the schema means for the person who wrote the document: one finding, or one for each key that
 * has no place there.
 */
export function findings(issue: Issue, schema: z.ZodType, document: unknown): Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], schema));
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ path, atKey: true, ...words(inner) }));
  if (issue.code === 'invalid_union') return [nearestOption(issue, path, schema, document)];
  const written = valueAt(document, path);
  if (issue.code === 'invalid_type' && written === undefined) {
    const [, expected = KINDS[issue.expected]] = /^must be (.*)$/.exec(issue.message) ?? [];
    return [{ path, message: 'is missing', expected }];
  }
  if (issue.code !== 'invalid_value') return [{ path, ...words(issue) }];
  const options = issue.values.map(String);
  const later = issue.message.endsWith('not in this version');
  return [
    {
      path,
      message: issue.message,
      expected: options.length === 1 ? options[0] : `one of ${options.join(', ')}`,
      suggestion: typeof written === 'string' && !later ? suggest(written, options) : undefined,
    },
  ];
}

/** The message, with what a field of ours says besides. */
function words(issue: Issue): Pick<Finding, 'message' | 'expected' | 'suggestion'> {
  const params = issue.code === 'custom' ? (issue.params as { expected?: string; suggestion?: string } | undefined) : undefined;
  return { message: issue.message, expected: params?.expected, suggestion: params?.suggestion };
}

function unknownKey(path: Path, schema: z.ZodType): Finding {
  if (isNotYet(path)) return { path, atKey: true, message: 'not in this version' };
  const parent = path.slice(0, -1);
  const suggestion = suggest(String(path.at(-1)), [...keysAt(schema, parent), ...laterKeys(parent)]);
  return { path, atKey: true, message: 'unknown key', suggestion };
}

/** Of the ways to write a value, the one that was tried: its kind is right and something in it is wrong. */
function nearestOption(issue: z.core.$ZodIssueInvalidUnion, path: Path, schema: z.ZodType, document: unknown): Finding {
  for (const [inner] of issue.errors) {
    if (inner === undefined || (inner.code === 'invalid_type' && inner.path.length === 0)) continue;
    const full = [...path, ...inner.path.filter((step) => typeof step !== 'symbol')];
    return findings({ ...inner, path: full }, schema, document)[0] as Finding;
  }
  return { path, message: issue.message };
}
