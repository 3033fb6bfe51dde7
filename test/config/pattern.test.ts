import { describe, expect, test } from 'vitest';
import { parsePattern, patternShape } from '../../src/config/pattern.ts';

const exact = (text: string) => ({ kind: 'exact', text });
const parameter = (name: string) => ({ kind: 'parameter', name });

describe('A path', () => {
  test.each([
    ['/', [exact('')]],
    ['/a', [exact('a')]],
    ['/a/', [exact('a'), exact('')]],
    ['/a/b.json', [exact('a'), exact('b.json')]],
    ['/~me/%7Ea', [exact('~me'), exact('%7Ea')]],
    ['/*', [{ kind: 'any' }]],
    ['/**', [{ kind: 'rest' }]],
    ['/a/*/**', [exact('a'), { kind: 'any' }, { kind: 'rest' }]],
    ['/users/:id/posts/{post_id}', [exact('users'), parameter('id'), exact('posts'), parameter('post_id')]],
  ])('%s has its segments', (path, segments) => {
    expect(parsePattern(path)).toEqual(segments);
  });

  test.each([
    ['', /starts with/],
    ['a', /starts with/],
    ['~^/a', /regular expressions are not in this version/],
    ['/**/a', /before the end .* not in this version/],
    ['/**/', /before the end/],
    ['/a*', /inside a segment are not in this version/],
    ['/***', /inside a segment/],
    ['/v{version}', /inside a segment/],
    ['/{id}.json', /inside a segment/],
    ['/:id.json', /inside a segment/],
    ['/{id', /inside a segment/],
    ['/{}', /inside a segment/],
    ['/:', /inside a segment/],
    ['/{1a}', /inside a segment/],
    ['/:id/{id}', /stands there twice/],
    ['/a//b', /two slashes/],
    ['//', /two slashes/],
    ['/a/../b', /never matches/],
    ['/.', /never matches/],
    ['/a?b', /no query/],
    ['/a#b', /no query/],
    ['/a b', /percent-encoded/],
    ['/ä', /percent-encoded/],
    ['/%zz', /percent-encoded/],
    ['/a\n', /percent-encoded/],
  ])('%j is refused', (path, why) => {
    expect(parsePattern(path)).toMatch(why);
  });
});

test.each([
  ['/', '/'],
  ['/a/', '/a/'],
  ['/a/:x', '/a/*'],
  ['/a/{y}', '/a/*'],
  ['/a/*', '/a/*'],
  ['/a/**', '/a/**'],
])('%s matches what %s matches', (path, shape) => {
  const segments = parsePattern(path);
  expect(typeof segments === 'string' ? segments : patternShape(segments)).toBe(shape);
});
