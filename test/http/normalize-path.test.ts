import { describe, expect, test } from 'vitest';
import { normalizePath } from '../../src/http/normalize-path.ts';

const SAME = [
  '/',
  '/a',
  '/a/',
  '/a/b.c/~d/e_f-g',
  '/.well-known/x',
  '/..a/a../...',
  '/a;b=c/d',
  '/a%2Fb',
  '/a%5Cb',
  '/a%2Fb%2F..c',
  '/%2541',
  '/%E2%82%AC%20x',
  '/x;/y',
  '/...;x/',
  '/a?b=%2e%2E/../..//c',
  '/?..\\',
  '*',
];

const CHANGED = [
  ['/%61', '/a'],
  ['/%7Euser/%2D%2E%5F', '/~user/-._'],
  ['/%e2%82%ac', '/%E2%82%AC'],
  ['/a%2fb', '/a%2Fb'],
  ['/a%5cb', '/a%5Cb'],
  ['/a/./b', '/a/b'],
  ['/./a', '/a'],
  ['/a/.', '/a/'],
  ['/a/..', '/'],
  ['/a/b/..', '/a/'],
  ['/a/b/../', '/a/'],
  ['/a/b/../../c', '/c'],
  ['/a/%2e%2E/b', '/b'],
  ['/a/.%2e/b', '/b'],
  ['/a/%2e/b', '/a/b'],
  ['//', '/'],
  ['//a', '/a'],
  ['/a//b///c', '/a/b/c'],
  ['/a//', '/a/'],
  ['/a//../b', '/b'],
  ['/.', '/'],
  ['/a/./?x=/./', '/a/?x=/./'],
  ['/%41?%41', '/A?%41'],
] as const;

const REFUSED = [
  '/..',
  '/../a',
  '/a/../..',
  '/%2e%2e/etc/passwd',
  '/a/../../b?c',
  '//..',
  '/./..',
  '/..;/a',
  '/a/..;x=y/b',
  '/a/..%3Bx/b',
  '/a/..%3bx/b',
  '/a/%2e%2e;x/b',
  '/.;/a',
  '/a/.;x',
  '/a/..\\b',
  '/a\\..\\b',
  '/a/..%5Cb',
  '/a/%2e%2e%5cb',
  '/a%5C..',
  '/a%2F..%2Fb',
  '/a%2f%2e%2e',
  '/..%2Fa',
  '/a%2F..;x',
  '/a%2F./b',
  '/a%',
  '/a%4/b',
  '/a%zz',
];

describe('A path', () => {
  test.each(SAME)('%s is left as it is', (target) => {
    expect(normalizePath(target, 'safe')).toBe(target);
    expect(normalizePath(target, 'off')).toBe(target);
  });

  test.each(CHANGED)('%s is %s', (target, normal) => {
    expect(normalizePath(target, 'safe')).toBe(normal);
  });

  test.each(CHANGED)('%s is refused where nothing may be changed', (target) => {
    expect(normalizePath(target, 'off')).toBeUndefined();
  });

  test.each(REFUSED)('%s is refused', (target) => {
    expect(normalizePath(target, 'safe')).toBeUndefined();
    expect(normalizePath(target, 'off')).toBeUndefined();
  });
});
