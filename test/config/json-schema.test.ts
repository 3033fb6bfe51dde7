import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { parse } from '../../src/config/parse.ts';
import { NamedFiles } from '../support/named-files.ts';

interface Validator {
  (value: unknown): boolean;
  readonly errors: readonly { readonly instancePath: string; readonly message: string }[] | null;
}
// Fastify's own: it comes with a tool that is here anyway.
const Ajv = createRequire(import.meta.url)('ajv') as new (options: object) => { compile(schema: object): Validator };

const root = new URL('../../', import.meta.url);
const schema = jsonSchema();
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

function errors(text: string, file = 'a.yaml'): string[] {
  validate(parse(text, file, null).value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('the copy in the documentation is what the command prints', () => {
  expect(
    readFileSync(new URL('docs/sluice.schema.json', root), 'utf8'),
    'node src/main.ts schema > docs/sluice.schema.json',
  ).toBe(`${JSON.stringify(schema, null, 2)}\n`);
});

describe('An editor', () => {
  const examples = readdirSync(new URL('examples/', root)).filter((name) => /\.(yaml|json|toml)$/.test(name));

  test.each(examples)('finds nothing wrong with examples/%s, and nor does a check', (name) => {
    const text = readFileSync(new URL(`examples/${name}`, root), 'utf8');
    expect(errors(text, name)).toEqual([]);
    expect(() => checkText(text, new URL(`examples/${name}`, root).pathname, {}, new NamedFiles())).not.toThrow();
  });

  test('lets a variable stand for every kind of value', () => {
    const text = `
$schema: ./sluice.schema.json
server: { max_connections: "\${N}", timeouts: { body: "\${T:-5s}" }, limits: { uri_bytes: "\${S}" } }
metrics: { prometheus: "\${M}" }
log: { level: "\${LEVEL:-info}" }
routes: [{ id: a, path: /a, respond: { status: "\${STATUS}" }, timeout: "1m\${X}" }]
`;
    expect(errors(text)).toEqual([]);
  });

  test.each([
    ['an unknown key', 'sever: {}', ' must NOT have additional properties'],
    ['an inner unknown key', 'routes: [{ id: a, path: /a, pth: /b }]', '/routes/0 must NOT have additional properties'],
    ['a missing key', 'routes: [{ id: a }]', "/routes/0 must have required property 'path'"],
    ['a text for a block', 'server: fast', '/server must be object'],
    ['a number without a unit', 'defaults: { timeout: 5 }', '/defaults/timeout must be string'],
    ['a unit that is none', 'defaults: { timeout: 5min }', '/defaults/timeout must match pattern'],
    ['a number that is too small', 'server: { max_connections: 0 }', '/server/max_connections must be >= 1'],
    ['a word that is none', 'log: { level: loud }', '/log/level must be equal to one of the allowed values'],
  ])('finds %s', (_, text, says) => {
    expect(
      errors(text).some((error) => error.startsWith(says)),
      errors(text).join('\n'),
    ).toBe(true);
  });
});

/** The paths of settings that nothing is said about. Blocks and what stands in lists may go without. */
function silent(inner: unknown, path: string): string[] {
  if (typeof inner !== 'object' || inner === null) return [];
  const { properties, items, anyOf, additionalProperties } = inner as Record<string, unknown>;
  const own = Object.entries((properties ?? {}) as Record<string, Record<string, unknown>>).flatMap(([key, value]) => {
    const leaf = value['type'] !== 'object' && value['type'] !== 'array';
    return [...(leaf && value['description'] === undefined ? [`${path}.${key}`] : []), ...silent(value, `${path}.${key}`)];
  });
  const others = [items, additionalProperties, ...((anyOf ?? []) as unknown[])];
  return [...own, ...others.flatMap((other) => silent(other, `${path}.*`))];
}

test('says something about each setting', () => {
  expect(silent(schema, '')).toEqual([]);
});
