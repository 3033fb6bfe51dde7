import { expect, test } from 'vitest';
import { tooFewOpenFiles } from '../../src/cli/open-files.ts';

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft.padEnd(20)} 4096                 files     \n`;

test.each([
  ['1024', 10_000, 1024],
  ['1024', 768, undefined],
  ['1024', 769, 1024],
  ['unlimited', 10_000, undefined],
])('with %s open files allowed, for %i connections: %s', (soft, connections, warned) => {
  expect(tooFewOpenFiles(connections, limits(soft))).toBe(warned);
});

test('where the system does not say it nothing is said', () => {
  expect(tooFewOpenFiles(10_000, '')).toBeUndefined();
  expect(tooFewOpenFiles(1)).toBeUndefined();
});
