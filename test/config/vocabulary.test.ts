import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { documentSchema } from '../../src/config/document.ts';
import { allKeys } from '../../src/config/keys.ts';
import { isNotYet, laterKeys } from '../../src/config/vocabulary.ts';

/** The whole vocabulary, with an example of every key. */
const vocabulary = parse(readFileSync(new URL('./vocabulary.yaml', import.meta.url), 'utf8'), { uniqueKeys: false }) as unknown;

/** Keys whose own keys are names that users choose, not words of the vocabulary. */
const OPEN = new Set([
  ...['load_balancing.backends', 'server.error_bodies', 'routes.*.path_params', 'routes.*.respond.headers'],
  ...['routes.*.identity_headers', 'routes.*.authentication.claims'],
  ...['request_headers', 'response_headers'].flatMap((side) =>
    ['add', 'set'].flatMap((how) => [`routes.*.transform.${side}.${how}`, `middleware.transform.${side}.${how}`]),
  ),
]);
/** Keys whose value is read by a parser of its own, not by the schema. */
const WHOLE = new Set(['routes.*.when']);
const CHECK = 'load_balancing.backends.*.health_check.';

/** The path of every key in the vocabulary; those below a key that is not built are left out. */
function paths(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((each, at) => paths(each, [...path, at]));
  const open = OPEN.has(pattern(path));
  return Object.entries(value).flatMap(([key, inner]) => {
    const full = [...path, key];
    return [...(open ? [] : [full]), ...(isNotYet(full) || WHOLE.has(pattern(full)) ? [] : paths(inner, full))];
  });
}

function pattern(path: readonly (string | number)[]): string {
  return path.map((step, at) => (typeof step === 'number' || (at === 2 && path[1] === 'backends') ? '*' : step)).join('.');
}

describe('The vocabulary', () => {
  const built = new Set(allKeys(documentSchema));
  const all = paths(vocabulary, []);

  test('has each key either built or refused by name', () => {
    const neither = all.filter((path) => !built.has(pattern(path)) && !isNotYet(path));
    expect(neither.map(pattern)).toEqual([]);
  });

  test('has no key that is both', () => {
    const both = [...built].filter((key) => isNotYet(key.split('.')));
    expect(both).toEqual([]);
  });

  test('names every key that is built', () => {
    const known = new Set(all.map(pattern));
    // A check may stand alone, in a list, and as the defaults of all: one example is enough.
    const example = (key: string) => key.replace(/^(load_balancing\.backends\.\*\.)?health_check(\.\*)?\./, CHECK);
    expect([...built].filter((key) => !known.has(key) && !known.has(example(key)))).toEqual([]);
  });

  test('is looked up in lists and under names alike', () => {
    expect(isNotYet(['routes', 3, 'cache'])).toBe(true);
    expect(isNotYet(['load_balancing', 'backends', 'users', 'discovery'])).toBe(true);
    expect(isNotYet(['routes', 3, 'weight'])).toBe(false);
    expect(laterKeys(['metrics'])).toEqual(['jsonl']);
  });
});
