import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchema } from '../../src/config/json-schema.ts';

interface Node {
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Keys with the defaults that the schema has for them, blocks left out: their keys have their own. */
function defaultsIn(node: Node): [key: string, text: string][] {
  const { properties = {}, additionalProperties, items, anyOf = [] } = node;
  const own = Object.entries(properties).flatMap(([key, one]): [string, string][] =>
    one.default === undefined || JSON.stringify(one.default) === '{}' ? [] : [[key, textOf(one.default)]],
  );
  const below = [...Object.values(properties), ...anyOf, additionalProperties, items].filter((one) => typeof one === 'object');
  return [...own, ...below.flatMap(defaultsIn)];
}

/** Lists as YAML writes them without the quotes that it does not need. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

/** What stands as code in the second cells of the tables of docs/configuration.md, by the keys in the first. */
function documentedDefaults(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8').split('\n')) {
    const [, keys = '', cell = ''] = line.split('|');
    const texts = [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replaceAll('"', ''));
    for (const [, key = ''] of keys.matchAll(/`([^`]+)`/g)) found.set(key, [...(found.get(key) ?? []), ...texts]);
  }
  return found;
}

test('every default is in the row of its key in docs/configuration.md', () => {
  const documented = documentedDefaults();
  const defaults = defaultsIn(jsonSchema() as Node);
  expect(defaults.length).toBeGreaterThan(50);
  expect(defaults.filter(([key, text]) => !documented.get(key)?.includes(text))).toEqual([]);
});
