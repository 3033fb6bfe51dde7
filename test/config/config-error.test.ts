import { expect, test } from 'vitest';
import { formatProblem } from '../../src/config/config-error.ts';

test.each([
  ['an escape sequence', '\u001b[2J', '\\u{1b}[2J'],
  ['one of a single byte', '\u009b31m', '\\u{9b}31m'],
  ['a line end', 'a\nb\u2028c', 'a\\u{a}b\\u{2028}c'],
  ['a turn of direction', 'a\u202eb', 'a\\u{202e}b'],
])('a problem whose words hold %s is written without it, in one line', (_, words, written) => {
  expect(formatProblem({ path: 'a', line: 1, column: 2, message: words, expected: words }, `${words}.yaml`)).toBe(
    `${written}.yaml:1:2: a: ${written}; expected ${written}`,
  );
});

test('letters of all languages stay as they are', () => {
  expect(formatProblem({ path: '', message: 'ä 語 🙂' })).toBe('ä 語 🙂');
});
