import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Assembly, cut, type Piece } from '../../src/config/pieces.ts';

function through(value: unknown, most?: number): { value: unknown; pieces: Piece[] } {
  const pieces = [...cut(value, most)];
  const assembly = new Assembly();
  for (const piece of pieces) assembly.add(structuredClone(piece));
  return { value: assembly.finish(), pieces };
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(undefined, null, true, 1.5, '', 'text'),
    fc.array(tie('value'), { maxLength: 8 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 8, noNullPrototype: true },
    ),
  ),
})).value;

describe('A value in pieces', () => {
  test('is the same when it is put together, to the order of its keys, and frozen', () => {
    fc.assert(
      fc.property(plain, fc.integer({ min: 1, max: 30 }), (value, most) => {
        const whole = through(value, most).value;
        expect(whole).toStrictEqual(value);
        expect(JSON.stringify(whole)).toBe(JSON.stringify(value));
        expect(isFrozen(whole)).toBe(true);
      }),
    );
  });

  test('has no piece that is much larger than the others', () => {
    const routes = Array.from({ length: 5000 }, (_, at) => ({ id: `r${at}`, methods: ['GET', 'POST'], retry: { on: [1, 2] } }));
    const backends = Object.fromEntries(routes.map(({ id }) => [id, { upstreams: [{ address: id }] }]));
    const { pieces } = through({ routes, backends, wide: { upstreams: routes } });
    const sizes = pieces.map((piece) => JSON.stringify(piece).length);
    expect(pieces.length).toBeGreaterThan(50);
    expect(Math.max(...sizes)).toBeLessThan(2 * (sizes.reduce((sum, size) => sum + size) / sizes.length));
  });

  test('counts texts by their length', () => {
    expect([...cut([['x'.repeat(100_000)], ['y'.repeat(100_000)]])].length).toBeGreaterThan(2);
  });

  test('is one piece when it is small', () => {
    expect([...cut({ a: [1, { b: 2 }] })]).toEqual([[[[], { a: [1, { b: 2 }] }]]]);
  });
});
