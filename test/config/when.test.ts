import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countLeaves, type When, when } from '../../src/config/when.ts';

function read(written: unknown): When | string[] {
  const result = when().safeParse(written);
  if (result.success) return result.data;
  return result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('A condition', () => {
  const test1 = { kind: 'equals', text: '1' };
  test.each([
    [
      { header: 'X-Beta', equals: '1' },
      { kind: 'header', name: 'x-beta', test: test1 },
    ],
    [
      { header: 'X-Beta', equals: 1 },
      { kind: 'header', name: 'x-beta', test: test1 },
    ],
    [
      { query: 'a b', matches: '^2' },
      { kind: 'query', name: 'a b', test: { kind: 'matches', text: '^2' } },
    ],
    [
      { cookie: 'Lang', present: false },
      { kind: 'cookie', name: 'Lang', test: { kind: 'present', present: false } },
    ],
    [{ accept: 'Text/HTML' }, { kind: 'accept', type: 'text/html' }],
    [{ not: { accept: 'a/b' } }, { kind: 'not', of: { kind: 'accept', type: 'a/b' } }],
    [{ any: [{ accept: 'a/b' }] }, { kind: 'any', of: [{ kind: 'accept', type: 'a/b' }] }],
    [{ version: { header: 'X-V', is: '2' } }, { kind: 'version', from: 'header', name: 'x-v', is: '2' }],
    [{ version: { query: 'V', is: 2 } }, { kind: 'version', from: 'query', name: 'V', is: '2' }],
    [{ version: { accept: 'Version', is: '2' } }, { kind: 'version', from: 'accept', name: 'version', is: '2' }],
    [{ version: { is: '2' } }, { kind: 'version', from: 'header', name: 'x-api-version', is: '2' }],
  ])('%j is read', (written, found) => {
    expect(read(written)).toEqual(found);
  });

  test.each([
    [undefined, ': must be a block: a condition, or all, any or not of others'],
    ['x', ': must be a block: a condition, or all, any or not of others'],
    [[], ': must be a block: a condition, or all, any or not of others'],
    [{}, ': one of all, any, not, header, query, cookie, accept, version is missing'],
    [{ heder: 'a', equals: '1' }, ': one of all, any, not, header, query, cookie, accept, version is missing'],
    [{ all: [] }, 'all: must be a list of conditions, at least one'],
    [{ any: { accept: 'a/b' } }, 'any: must be a list of conditions, at least one'],
    [{ all: [{ accept: 'a/b' }], any: [{ accept: 'a/b' }] }, ': all and any in one block: all or any of them?'],
    [{ header: 'a', query: 'b', present: true }, ': header and query in one block: all or any of them?'],
    [{ header: 'a' }, ': one of present, equals, matches is missing'],
    [{ header: 'a', equals: '1', matches: '1' }, ': equals and matches in one block'],
    [{ header: 'a', equal: '1' }, 'equal: has no place here'],
    [{ header: 'a b', equals: '1' }, 'header: not a name of a header: "a b"'],
    [{ cookie: '', present: true }, 'cookie: must be a name'],
    [{ header: 'a', present: 'yes' }, 'present: must be true or false'],
    [{ header: 'a', equals: {} }, 'equals: must be a text, not {}'],
    [{ header: 'a', matches: '(' }, 'matches: not a regular expression (RE2 syntax): missing closing ): `(`'],
    [
      { header: 'a', matches: 'a(?!b)' },
      'matches: lookahead and lookbehind have no bound in time and are not taken (RE2 syntax)',
    ],
    [{ accept: 'html' }, 'accept: must be a media type such as text/html, not "html"'],
    [{ accept: '*/*' }, 'accept: must be a media type such as text/html, not "*/*"'],
    [{ accept: 'a/b;q=1' }, 'accept: must be a media type such as text/html, not "a/b;q=1"'],
    [{ accept: 'a/b', present: true }, 'present: has no place here'],
    [{ version: '2' }, 'version: must be a block such as { header: "X-API-Version", is: "2" }'],
    [{ version: { header: 'a' } }, 'version: is: which version? Its number is missing'],
    [{ version: { header: 'a', query: 'b', is: '2' } }, 'version: header and query: a version is in one place'],
    [{ version: { path: 'a', is: '2' } }, 'version.path: has no place here'],
    [{ any: [{ accept: 'a/b' }, { not: { header: 'a' } }] }, 'any.1.not: one of present, equals, matches is missing'],
    [{ all: Array.from({ length: 65 }, () => ({ accept: 'a/b' })) }, ': has more than 64 conditions'],
  ])('%j is refused with its place', (written, why) => {
    expect(read(written)).toEqual([why]);
  });

  test('has all its problems told at once, with what was probably meant', () => {
    const result = when().safeParse({ all: [{ hedaer: 'a', present: true }, { header: 'a', matchs: 'x' }, { accept: 5 }] });
    const issues = result.error?.issues.map((issue) => [issue.path.join('.'), (issue as { params?: unknown }).params]);
    expect(issues).toEqual([
      ['all.0', { suggestion: 'header' }],
      ['all.1.matchs', { suggestion: 'matches' }],
      ['all.2.accept', { suggestion: undefined }],
    ]);
  });

  test('is nested 8 deep at most', () => {
    const nested = (depth: number): unknown => (depth === 0 ? { accept: 'a/b' } : { any: [nested(depth - 1)] });
    expect(read(nested(8))).toMatchObject({ kind: 'any' });
    expect(read(nested(9))).toEqual([`${'any.0.'.repeat(9).slice(0, -1)}: conditions are nested at most 8 deep`]);
    let endless: unknown = { accept: 'a/b' };
    for (let depth = 0; depth < 100_000; depth++) endless = { not: endless };
    expect(read(endless)).toHaveLength(1);
  });
});

test('conditions are counted by their leaves', () => {
  const leaf: When = { kind: 'accept', type: 'a/b' };
  expect(countLeaves({ kind: 'all', of: [leaf, { kind: 'not', of: { kind: 'any', of: [leaf, leaf] } }] })).toBe(3);
});

test('a value of any kind is read or refused in words', () => {
  const word = fc.constantFrom(
    'all',
    'any',
    'not',
    'header',
    'query',
    'cookie',
    'accept',
    'version',
    'present',
    'equals',
    'matches',
    'is',
  );
  const tree = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      fc.jsonValue(),
      fc.constantFrom('a', 'text/html', true, '(', '^a'),
      tie('block'),
      tie('list'),
    ),
    block: fc.dictionary(word, tie('any'), { maxKeys: 2 }),
    list: fc.array(tie('any'), { maxLength: 3 }),
  }));
  fc.assert(
    fc.property(tree.any, (written) => {
      const found = read(written);
      if (Array.isArray(found)) expect(found.every((line) => line.length > 5) && found.length > 0).toBe(true);
      else expect(countLeaves(found)).toBeGreaterThan(0);
    }),
    { numRuns: 3000 },
  );
});
