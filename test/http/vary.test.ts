import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addVary } from '../../src/http/vary.ts';
import { arrived } from '../support/arrived.ts';

function merged(before: readonly string[], ...names: string[]): string[] {
  const headers = arrived(...before.map((value) => `Vary: ${value}`));
  addVary(headers, names);
  return headers.all('vary');
}

test.each<[string[], string[], string]>([
  [[], ['Origin'], 'Origin'],
  [[], ['Origin', 'Accept'], 'Origin, Accept'],
  [[''], ['Origin'], 'Origin'],
  [['Accept-Encoding'], ['Origin'], 'Accept-Encoding, Origin'],
  [['Accept', 'Cookie'], ['Origin', 'Accept'], 'Accept, Cookie, Origin'],
  [['origin'], ['Origin'], 'origin'],
  [['Accept,origin ,X'], ['Origin'], 'Accept,origin ,X'],
  [['X-Origin'], ['Origin'], 'X-Origin, Origin'],
  [['*'], ['Origin'], '*'],
  [['Accept, *'], ['Origin'], 'Accept, *'],
  [['X-*'], ['Origin'], 'X-*, Origin'],
])('%j with %j is %j', (before, names, after) => {
  expect(merged(before, ...names)).toEqual([after]);
});

test('what is there already is not written anew', () => {
  const headers = arrived('A: b', 'vary: Origin, Accept', 'C: d');
  addVary(headers, ['Accept', 'Origin']);
  expect(headers.lines()).toBe('A: b\r\nvary: Origin, Accept\r\nC: d\r\n');
});

test('every name is there in the end, once for each that was asked for, and what was there stays', () => {
  const name = fc.constantFrom('Origin', 'origin', 'Accept', 'X-Origin', 'Accept-Encoding', 'X');
  fc.assert(
    fc.property(fc.array(name), fc.uniqueArray(name, { selector: (one) => one.toLowerCase() }), (before, names) => {
      const [after = ''] = merged(before.length === 0 ? [] : [before.join(', ')], ...names);
      const known = after.split(', ').filter((one) => one !== '');
      expect(known.slice(0, before.length)).toEqual(before);
      for (const one of names) expect(known.filter((each) => each.toLowerCase() === one.toLowerCase()).length).toBeGreaterThan(0);
      const own = known.slice(before.length).map((one) => one.toLowerCase());
      expect(
        new Set([...own, ...before.map((one) => one.toLowerCase())]).size - new Set(before.map((one) => one.toLowerCase())).size,
      ).toBe(own.length);
    }),
    { numRuns: 300 },
  );
});
