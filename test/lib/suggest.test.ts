import { describe, expect, test } from 'vitest';
import { editDistance, suggest } from '../../src/lib/suggest.ts';

const WORDS = ['header', 'body', 'keep_alive', 'drain', 'drain_lead'];

describe('A suggestion', () => {
  test.each([
    ['heder', 'header'],
    ['haeder', 'header'],
    ['Header', 'header'],
    ['keepalive', 'keep_alive'],
    ['drian', 'drain'],
    ['drainlead', 'drain_lead'],
    ['bdy', 'body'],
  ])('for %s is %s', (written, word) => {
    expect(suggest(written, WORDS)).toBe(word);
  });

  test.each([['zzz'], ['b'], ['configuration'], ['x'.repeat(10_000)], ['']])('for %s is nothing', (written) => {
    expect(suggest(written, WORDS)).toBeUndefined();
  });

  test('is never the word itself', () => {
    expect(suggest('body', ['body'])).toBeUndefined();
  });

  test('is the first of two that are equally near', () => {
    expect(suggest('cat', ['car', 'cap'])).toBe('car');
  });
});

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['abcd', 'acbd', 1],
])('from %j to %j it takes %i edits', (from, to, distance) => {
  expect(editDistance(from, to)).toBe(distance);
  expect(editDistance(to, from)).toBe(distance);
});
