import { expect, test } from 'vitest';
import { FIELD_ID, fieldId, fieldIdOf, LAST_ENGINE_ID } from '../../src/http/field-names.ts';

test('every id fits into two masks of 31 bits, and no two names share one', () => {
  const ids = [...FIELD_ID.values()];
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.min(...ids)).toBe(1);
  expect(Math.max(...ids)).toBeLessThanOrEqual(62);
});

test('names are lower case: they are compared with what a parser has lower-cased', () => {
  expect([...FIELD_ID.keys()].filter((name) => name !== name.toLowerCase())).toEqual([]);
});

test('what the engine acts on comes first, up to its last id', () => {
  const engine = [...FIELD_ID].filter(([, id]) => id <= LAST_ENGINE_ID).map(([name]) => name);
  const hopByHop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade', 'proxy-authorization'];
  for (const name of [...hopByHop, 'host', 'content-length', 'trailer', 'expect', 'max-forwards']) expect(engine).toContain(name);
  for (const name of ['date', 'via', 'cookie', 'content-type']) expect(engine).not.toContain(name);
});

test('an id is found whatever the case of the name', () => {
  for (const [name, id] of FIELD_ID) {
    const title = name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    expect([name, title, name.toUpperCase()].map(fieldIdOf)).toEqual([id, id, id]);
  }
  expect(fieldIdOf('X-Request-ID')).toBe(fieldId('x-request-id'));
  expect(fieldIdOf('x-nobody')).toBe(0);
});
