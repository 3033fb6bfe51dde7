import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pattern, parsePattern, patternShape } from '../../src/config/pattern.ts';

const exact = (text: string) => ({ kind: 'exact', text });
const parameter = (name: string) => ({ kind: 'parameter', name });
const mixed = (...pieces: unknown[]) => ({ kind: 'mixed', pieces });
const [any, rest] = [{ kind: 'any' }, { kind: 'rest' }];

function read(path: string): Pattern {
  const pattern = parsePattern(path);
  if (typeof pattern === 'string') throw new Error(pattern);
  return pattern;
}

describe('A path', () => {
  test.each([
    ['/', [exact('')]],
    ['/a', [exact('a')]],
    ['/a/', [exact('a'), exact('')]],
    ['/a/b.json', [exact('a'), exact('b.json')]],
    ['/~me/%7Ea/caf%c3%a9', [exact('~me'), exact('~a'), exact('caf%C3%A9')]],
    ['/*', [any]],
    ['/**', [rest]],
    ['/**/', [rest, exact('')]],
    ['/a/*/**', [exact('a'), any, rest]],
    ['/a/**/z', [exact('a'), rest, exact('z')]],
    ['/users/:id/posts/{post_id}', [exact('users'), parameter('id'), exact('posts'), parameter('post_id')]],
    ['/v{version}', [mixed({ text: 'v' }, { name: 'version' })]],
    ['/{name}.json', [mixed({ name: 'name' }, { text: '.json' })]],
    ['/{a}-{b}', [mixed({ name: 'a' }, { text: '-' }, { name: 'b' })]],
    ['/items:batch/{id}:undo', [exact('items:batch'), mixed({ name: 'id' }, { text: ':undo' })]],
  ])('%s has its segments', (path, segments) => {
    expect(read(path)).toMatchObject({ kind: 'segments', segments });
  });

  test('that is a regular expression has its names and the segments it begins with', () => {
    expect(read('~^/raw/files/v(?<x>[0-9]+)/(?<y>.*)$')).toMatchObject({
      kind: 'regex',
      prefix: ['raw', 'files'],
      names: ['x', 'y'],
    });
  });

  test.each([
    ['', /starts with/],
    ['a', /starts with/],
    ['~^/(a', /not a regular expression/],
    ['~^/(?=a)', /lookahead/],
    ['~^/(a)\\1', /backreferences/],
    ['/**/**', /twice in a row/],
    ['/a*', /"\*" is a whole segment/],
    ['/***', /"\*" is a whole segment/],
    ['/:id.json', /not a parameter's name/],
    ['/{id', /without its other one/],
    ['/a}', /without its other one/],
    ['/{a{b}}', /without its other one/],
    ['/{}', /not a parameter's name/],
    ['/:', /not a parameter's name/],
    ['/{1a}', /not a parameter's name/],
    ['/{a}{b}', /between two parameters/],
    ['/:id/{id}', /stands there twice/],
    ['/v{id}-{id}', /stands there twice/],
    ['/a//b', /two slashes/],
    ['//', /two slashes/],
    ['/a/../b', /never matches/],
    ['/.', /never matches/],
    ['/%2e%2E/a', /never matches/],
    ['/a?b', /no query/],
    ['/a#b', /no query/],
    ['/a b', /percent-encoded/],
    ['/x {id}', /percent-encoded/],
    ['/ä', /percent-encoded/],
    ['/%zz', /percent-encoded/],
    ['/a\n', /percent-encoded/],
    ['/a'.repeat(65), /at most 64 segments/],
  ])('%j is refused', (path, why) => {
    expect(parsePattern(path)).toMatch(why);
  });

  test('of any kind is read or refused in words', () => {
    const piece = fc.oneof(
      fc.constantFrom('/', '*', '**', '{', '}', '{a}', ':b', '~', '^', '(?<c>', ')', '%41', '.', '[', '|'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom('/', '~', '~^/', ''), (pieces, start) => {
        const pattern = parsePattern(start + pieces.join(''));
        if (typeof pattern === 'string') expect(pattern.length).toBeGreaterThan(5);
        else expect(new Set(pattern.names).size).toBe(pattern.names.length);
      }),
      { numRuns: 3000 },
    );
  });
});

test.each([
  ['/', '/'],
  ['/a/', '/a/'],
  ['/a/:x', '/a/*'],
  ['/a/{y}', '/a/*'],
  ['/a/{id}', '/a/{^[0-9]+$}'],
  ['/a/*', '/a/*'],
  ['/a/**', '/a/**'],
  ['/v{y}-{id}', '/v*-{^[0-9]+$}'],
  ['~^/a', '~^/a'],
])('%s matches what %s matches', (path, shape) => {
  expect(patternShape(read(path), { id: '^[0-9]+$' })).toBe(shape);
});
