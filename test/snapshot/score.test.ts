import { describe, expect, test } from 'vitest';
import { parsePattern } from '../../src/config/pattern.ts';
import { type LinearRegex, linearRegex } from '../../src/lib/linear-regex.ts';
import { PathMatcher } from '../../src/snapshot/path-matcher.ts';
import { compareScores, describeScore, EXACT_HOST, type Score } from '../../src/snapshot/score.ts';

const DIGITS = linearRegex('^[0-9]+$') as LinearRegex;

function rank(path: string): string {
  const pattern = parsePattern(path);
  if (typeof pattern === 'string') throw new Error(pattern);
  return new PathMatcher(pattern, { id: DIGITS }).rank;
}

const BASE: Score = { tenant: false, host: 0, path: rank('/a'), conditions: 0, methods: false, priority: 0, order: 0 };
const score = (parts: Partial<Score>): Score => ({ ...BASE, ...parts });

describe('The score', () => {
  test('puts paths in this order, the best first', () => {
    const paths = [
      '/a/b/c',
      '/a/b/v{x}',
      '/a/b/*',
      '/a/b/**/c',
      '/a/b',
      '/a/b/**',
      '/a/{x}-{y}.json',
      '/a/v{id}',
      '/a/v{x}/b',
      '/a/v{x}',
      '~^/a/b+',
      '/a/{id}/b',
      '/a/{id}',
      '/a/:x/b',
      '/a/**/b',
      '/a/**/*',
      '/a',
      '/a/**',
      '/{x}/b',
      '/**/a',
      '/**',
    ];
    const scores = paths.map((path, order) => ({ path, score: score({ path: rank(path), order: -order }) }));
    const sorted = scores.toReversed().toSorted((one, other) => compareScores(one.score, other.score));
    expect(sorted.map(({ path }) => path)).toEqual(paths);
  });

  test.each<[string, Partial<Score>, Partial<Score>]>([
    ['a tenant before a host', { tenant: true }, { host: EXACT_HOST }],
    ['an exact host before a wildcard', { host: EXACT_HOST }, { host: 126 }],
    ['a host before a path', { host: 2, path: rank('/**') }, { host: 1, path: rank('/a') }],
    ['a path before conditions', { path: rank('/a') }, { path: rank('/*'), conditions: 5 }],
    ['conditions before methods', { conditions: 1 }, { methods: true, priority: 5 }],
    ['methods before priority', { methods: true }, { priority: 5 }],
    ['priority before order', { priority: 1, order: 9 }, { priority: 0, order: 0 }],
    ['the earlier', { order: 1 }, { order: 2 }],
  ])('counts %s', (_, one, other) => {
    expect(compareScores(score(one), score(other))).toBeLessThan(0);
    expect(compareScores(score(other), score(one))).toBeGreaterThan(0);
  });

  test.each<[string, Partial<Score>, string]>([
    ['/', {}, '/text'],
    ['/a/{id}/:x/**', { conditions: 1, methods: true }, '/text/{checked}/*/**, 1 condition, methods'],
    ['/v{id}/**/{x}.json', { host: EXACT_HOST, priority: -2 }, 'host, /{checked part, 1 fixed}/**/{part, 5 fixed}, priority -2'],
    ['~^/raw/.*', { tenant: true, host: 2, conditions: 3 }, 'tenant, *.host of 2 labels, /text/~regex, 3 conditions'],
  ])('of %s is told in words', (path, parts, words) => {
    expect(describeScore(score({ ...parts, path: rank(path) }))).toBe(words);
  });
});
