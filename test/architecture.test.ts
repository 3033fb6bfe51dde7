import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { banRules } from './support/house/bans.ts';
import { rankRules } from './support/house/ranks.ts';
import { rings } from './support/house/rings.ts';
import { type Finding, show } from './support/house/rule.ts';
import { shapeRules } from './support/house/shape.ts';
import { readHouse, Source } from './support/house/source.ts';
import { stateRules } from './support/house/state.ts';

const house = readHouse(fileURLToPath(new URL('..', import.meta.url)));
const tree = new Set(house.map(({ path }) => path));
const rules = [...rankRules, ...banRules, ...stateRules, ...shapeRules];

function told(findings: Iterable<Finding>): string[] {
  return [...findings].map(show);
}

/** An example as a test's name: its first line of code, shortened. */
function gist(text: string): string {
  const line = text.split('\n').find((each) => each !== '' && !each.startsWith('//')) ?? 'nothing in it';
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
}

describe('The house', () => {
  for (const { sentence, check } of rules) {
    test(sentence, () => {
      expect(house.flatMap((source) => told(check(source, tree)))).toEqual([]);
    });
  }

  test('no files import each other in a ring', () => {
    expect(told(rings(house.filter(({ path }) => path.startsWith('src/'))))).toEqual([]);
  });

  test('is read as a whole', () => {
    const corners = [
      'src/main.ts',
      'src/gateway.ts',
      'test/architecture.test.ts',
      'bench/compare.ts',
      'integration/package.test.ts',
    ];
    expect(corners.filter((path) => !tree.has(path))).toEqual([]);
  });
});

for (const { sentence, check, offends, allows } of rules) {
  describe(`The rule "${sentence}"`, () => {
    const examples = new Set(allows.map(([path]) => path));

    for (const [path, text, line = 1] of offends) {
      test(`tells ${path} of: ${gist(text)}`, () => {
        const found = [...check(new Source(path, text), examples)];
        expect(found[0]).toMatchObject({ path, line });
      });
    }

    for (const [path, text] of allows) {
      test(`lets ${path} be: ${gist(text)}`, () => {
        expect(told(check(new Source(path, text), examples))).toEqual([]);
      });
    }
  });
}

describe('The rule about rings', () => {
  test.each([
    ['two files', { 'src/a.ts': "import './b.ts';", 'src/b.ts': "import './a.ts';" }],
    ['a file and itself', { 'src/a.ts': "export * from './a.ts';" }],
    [
      'three through a dynamic import',
      { 'src/a.ts': "import './b.ts';", 'src/b.ts': "import('./c/d.ts');", 'src/c/d.ts': "import '../a.ts';" },
    ],
    [
      'a type that is named inside a value import',
      { 'src/a.ts': "import { type B } from './b.ts';", 'src/b.ts': "import './a.ts';" },
    ],
  ])('tells of %s, once', (_, files) => {
    const found = rings(Object.entries(files).map(([path, text]) => new Source(path, text)));
    expect(found).toHaveLength(1);
    expect(show(found[0] as Finding)).toMatch(/^src\/a\.ts:1 import ring: src\/a\.ts → (.* → )?src\/a\.ts$/);
  });

  test('counts no import that vanishes with the types', () => {
    const files = [new Source('src/a.ts', "import type { B } from './b.ts';"), new Source('src/b.ts', "import './a.ts';")];
    expect(rings(files)).toEqual([]);
  });

  test('names the line and the way round', () => {
    const files = [
      new Source('src/a.ts', "import 'node:net';\nimport './leaf.ts';\nimport './b.ts';"),
      new Source('src/b.ts', "export { a } from './a.ts';"),
      new Source('src/leaf.ts', ''),
    ];
    expect(told(rings(files))).toEqual(['src/a.ts:3 import ring: src/a.ts → src/b.ts → src/a.ts']);
  });
});
