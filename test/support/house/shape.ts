import { posix } from 'node:path';
import { type Finding, finding, type Rule } from './rule.ts';
import type { Source } from './source.ts';

const MOST_LINES = 300;

/** Written by a program and read by one: no idea of anybody's is in it. */
const RECORDS: ReadonlySet<string> = new Set(['bench/results.json']);

/** Names that say nothing, whole or as a word between hyphens. */
const EMPTY_NAME = /^(index|types?|commons?)$/;
const EMPTY_WORD = /^(utils?|utilities|helpers?|managers?)$/;

/** Tests that mirror no file of src, each with its reason. */
const BESIDE: ReadonlyMap<string, string> = new Map([
  ['test/architecture', 'looks at all files'],
  ['test/support/', 'tests of what tests use'],
  ['test/simulation/', 'many instances and one store, owned by no room'],
  ['test/proxy/', 'a whole gateway between a client and an upstream'],
  ['test/wire/differential-', 'one side of the engine as a whole, beside other engines'],
  ['test/wire/fuzz', 'both sides of the engine at once, in a whole gateway'],
  ['test/packaging', 'what package.json promises'],
]);

function* sizes(source: Source): Iterable<Finding> {
  if (RECORDS.has(source.path)) return;
  const lines = source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0);
  if (lines > MOST_LINES)
    yield finding(source, MOST_LINES + 1, `has ${lines} lines, more than ${MOST_LINES}: it holds two ideas`);
}

function* names(source: Source): Iterable<Finding> {
  for (const part of source.path.split('/')) {
    const words = part.toLowerCase().split(/[-_.]/);
    const empty = EMPTY_NAME.test(part.split('.')[0] as string) || words.some((word) => EMPTY_WORD.test(word));
    if (empty) yield finding(source, 1, `"${part}" does not name an idea`);
  }
}

function* mirror(source: Source, tree: ReadonlySet<string>): Iterable<Finding> {
  if (!/^test\/.*\.test\.ts$/.test(source.path)) return;
  if ([...BESIDE.keys()].some((path) => source.path.startsWith(path))) return;
  const [stem] = posix.basename(source.path).split('.');
  const mirrored = posix.join('src', posix.dirname(source.path).slice('test'.length), `${stem}.ts`);
  if (!tree.has(mirrored)) yield finding(source, 1, `mirrors ${mirrored}, which does not exist`);
}

function lines(count: number): string {
  return 'const a = 1;\n'.repeat(count);
}

export const shapeRules: readonly Rule[] = [
  {
    sentence: `no file is longer than ${MOST_LINES} lines`,
    check: sizes,
    offends: [
      ['src/http/headers.ts', lines(301), 301],
      ['test/wire/head.cases.ts', `${lines(300)}const b = 2;`, 301],
      ['bench/cases.json', `[\n${'1,\n'.repeat(300)}1]\n`, 301],
    ],
    allows: [
      ['src/http/headers.ts', lines(300)],
      ['integration/package.test.ts', `${lines(299)}const b = 2;`],
      ['bench/results.json', lines(301)],
    ],
  },
  {
    sentence: 'every file and folder is named after its idea',
    check: names,
    offends: [
      ['src/http/index.ts', ''],
      ['src/http/types.ts', ''],
      ['src/lib/utils.ts', ''],
      ['src/lib/string-utils.ts', ''],
      ['src/common/clock.ts', ''],
      ['test/support/helpers.ts', ''],
      ['test/http/reply.helper.ts', ''],
      ['src/upstream/connection-manager.ts', ''],
      ['bench/types.d.ts', ''],
    ],
    allows: [
      ['src/http/content-types.ts', ''],
      ['src/http/headers.ts', ''],
      ['src/lib/indexed-heap.ts', ''],
    ],
  },
  {
    sentence: 'every test mirrors a file of src',
    check: mirror,
    offends: [
      ['test/http/nothing.test.ts', ''],
      ['test/http/nothing.property.test.ts', ''],
      ['test/reply.test.ts', ''],
    ],
    allows: [
      ['src/http/reply.ts', ''],
      ['src/gateway.ts', ''],
      ['test/http/reply.test.ts', ''],
      ['test/http/reply.property.test.ts', ''],
      ['test/gateway.test.ts', ''],
      ['test/architecture.test.ts', ''],
      ['test/support/upstream.test.ts', ''],
      ['test/simulation/partition.test.ts', ''],
      ['test/proxy/streaming.test.ts', ''],
      ['test/packaging.test.ts', ''],
      ['test/http/reply.cases.ts', ''],
    ],
  },
];
