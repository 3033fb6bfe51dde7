import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIELD_ID } from '../../src/http/field-names.ts';
import { arrived } from '../support/arrived.ts';

/** One field of the naive model: a list is all it is. */
interface Field {
  readonly name: string;
  readonly value: string;
  readonly line: string;
}

const known = fc.constantFrom(...FIELD_ID.keys());
const cased = (name: fc.Arbitrary<string>) =>
  fc.tuple(name, fc.constantFrom('lower', 'upper', 'title')).map(([text, how]) => {
    if (how === 'lower') return text;
    return how === 'upper' ? text.toUpperCase() : text.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
  });
const name = cased(fc.oneof({ weight: 3, arbitrary: fc.constantFrom('x-a', 'x-b', 'x-ab', 'via', 'host') }, known));
const value = fc.stringMatching(/^[!-~]{0,6}$/);
const space = fc.constantFrom('', ' ', '  ', '\t');

const field = fc.tuple(name, space, value, space).map(
  ([name, before, value, after]): Field => ({
    name,
    value,
    line: `${name}:${before}${value}${after}\r\n`,
  }),
);

const change = fc.tuple(fc.constantFrom('set', 'append', 'add', 'remove'), name, value);

test('any changes give what the same changes give in a plain list', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 12 }), fc.array(change, { maxLength: 12 }), (fields, changes) => {
      const headers = arrived(...fields.map(({ line }) => line.slice(0, -2)));
      let model: Field[] = [...fields];
      for (const [what, name, value] of changes) {
        const lower = name.toLowerCase();
        if (what === 'set' || what === 'remove') model = model.filter((one) => one.name.toLowerCase() !== lower);
        if (what !== 'remove') model.push({ name, value, line: `${name}: ${value}\r\n` });
        if (what === 'remove') headers.remove(lower);
        else headers[what as 'set' | 'append' | 'add'](name, value);

        expect(headers.lines()).toBe(model.map(({ line }) => line).join(''));
        expect(headers.flat()).toEqual(model.flatMap((one) => [one.name, one.value]));
        for (const asked of new Set([lower, 'x-a', 'host', ...model.map((one) => one.name.toLowerCase())])) {
          const values = model.filter((one) => one.name.toLowerCase() === asked).map((one) => one.value);
          expect(headers.all(asked)).toEqual(values);
          expect(headers.has(asked)).toBe(values.length > 0);
          expect(headers.get(asked)).toBe(values.length === 0 ? undefined : values.join(', '));
        }
      }
    }),
    { numRuns: 400 },
  );
});
