import fc from 'fast-check';
import { parse as parseToml, stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { parse } from '../../src/config/parse.ts';
import type { Path } from '../../src/config/path.ts';
import { placesOf } from '../../src/config/toml-places.ts';

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '"', "'", '\\', 'a\nb', '#', '[x]', ']]', '='),
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const key = fc
  .oneof(fc.constantFrom('a', 'b', 'a-b', '1', 'a.b', 'a b', '"', '[', '=', '#', 'ä', '', '\\'), fc.string({ maxLength: 3 }))
  .filter((name) => name !== '__proto__');
const table = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    tie('table'),
    fc.array(scalar, { maxLength: 3 }),
    fc.array(tie('table'), { minLength: 1, maxLength: 3 }),
  ),
  table: fc.dictionary(key, tie('any'), { maxKeys: 4 }),
})).table as fc.Arbitrary<Record<string, unknown>>;

function leaves(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, Array.isArray(value) ? Number(name) : name]));
}

/** The value that a text has at an offset, read by the parser itself. */
function valueFrom(text: string, offset: number): unknown {
  const rest = text.slice(offset);
  // The shortest beginning that is a value and ends where a value may end.
  for (let end = 1; end <= rest.length; end++) {
    if (!/^\s*([,\]}#]|$|\n)/.test(rest.slice(end).split('\n')[0] as string)) continue;
    try {
      return parseToml(`x = ${rest.slice(0, end)}`)['x'];
    } catch {
      // It goes on.
    }
  }
  return undefined;
}

test('where a value is said to stand, that value stands, whatever the text looks like', () => {
  fc.assert(
    fc.property(table, (value) => {
      const text = stringify(value);
      const offsetOf = placesOf(text, (name) => name);
      for (const leaf of leaves(parseToml(text))) {
        const offset = offsetOf(leaf.path, false) as number;
        expect(valueFrom(text, offset), `${text}\n${leaf.path.join(' / ')} at ${offset}`).toEqual(leaf.value);
      }
    }),
    { numRuns: 300 },
  );
});

const piece = fc.oneof(
  fc.constantFrom(
    '[',
    ']',
    '[[',
    ']]',
    '{',
    '}',
    '=',
    ',',
    '.',
    '\n',
    '"',
    '"""',
    "'",
    "'''",
    '#',
    ' ',
    'a',
    'b',
    '1',
    'true',
    '\\',
    '\t',
    '1979-05-27',
    'a = 1\n',
    '[a]\n',
    '[[b]]\n',
    `\${A}`,
  ),
  fc.string({ maxLength: 4 }),
);

test('a text of any kind is read or refused with a ConfigError, and a place is inside it', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const lines = text.split('\n');
      try {
        const { value, locate } = parse(text, 'a.toml', { A: 'a' });
        for (const { path } of leaves(value)) {
          const { line = 0, column = 0 } = locate(path);
          expect((lines[line - 1] as string).length, text).toBeGreaterThanOrEqual(column);
        }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        for (const { line = 1 } of error.problems) expect(lines.length).toBeGreaterThanOrEqual(line);
      }
    }),
    { numRuns: 3000 },
  );
});
