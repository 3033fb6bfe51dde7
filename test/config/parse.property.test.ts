import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../src/config/parse.ts';

/** Whether something in it is refused in every format: deep nesting, and the one key that cannot be. */
const document = fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('"__proto__":'));
const indent = fc.constantFrom(undefined, '\t', ' ', '  ', '\t\t\t');

test('what JSON writes is read as JSON reads it, tabs and all', () => {
  fc.assert(
    fc.property(document, indent, (value, space) => {
      const text = JSON.stringify(value, null, space);
      expect(parse(text, 'a.json', null).value).toEqual(JSON.parse(text));
    }),
    { numRuns: 1000 },
  );
});

test('a value of JSON is found where it stands', () => {
  const text = JSON.stringify({ server: { http_addr: ['a:1'], limits: {} }, routes: [{ id: 'a' }, { id: 'b' }] }, null, '\t');
  const { locate } = parse(text, 'a.json', null);
  expect(locate(['server', 'http_addr', 0])).toEqual({ line: 4, column: 4 });
  expect(locate(['routes', 1, 'id'])).toEqual({ line: 13, column: 10 });
});
