import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lot } from '../../../src/upstream/balancers/lot.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

function open(weights: readonly number[], random: () => number) {
  const endpoints = stubs(weights);
  const lot = new Lot<Stub>(random);
  lot.update(endpoints);
  return { endpoints, lot };
}

test('the shares of all possible draws are the weights', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(weights, (given) => {
      const steps = 4000 * given.length;
      let step = 0;
      const { endpoints, lot } = open(given, () => (step++ + 0.5) / steps);
      const counts = new Map(endpoints.map((endpoint) => [endpoint, 0]));
      for (let draws = 0; draws < steps; draws++) {
        const endpoint = lot.draw() as Stub;
        counts.set(endpoint, (counts.get(endpoint) as number) + 1);
      }
      const total = given.reduce((sum, weight) => sum + weight, 0);
      for (const [{ weight }, count] of counts) expect(Math.abs(count / steps - weight / total)).toBeLessThan(1e-3);
    }),
    { numRuns: 30 },
  );
});

test.each([
  ['a random source that never moves', () => 0.999_999],
  ['a good one', seeded(3)],
])('with %s, what is tried or left out is not drawn', (_, random) => {
  const { endpoints, lot } = open([1, 1, 10_000, 5], random);
  const [a, b, c, d] = endpoints as [Stub, Stub, Stub, Stub];
  for (let draws = 0; draws < 100; draws++) {
    expect([a, b]).toContain(lot.draw(new Set([c]), d));
    expect(lot.draw(new Set([a, b, c]))).toBe(d);
    expect(lot.draw(new Set([a, b, d]), c)).toBeUndefined();
  }
});

test('those that are left keep their shares', () => {
  const { endpoints, lot } = open([1000, 3, 1], seeded(5));
  const tried = new Set([endpoints[0] as Stub]);
  const drawn = Array.from({ length: 8000 }, () => lot.draw(tried));
  const share = drawn.filter((one) => one === endpoints[1]).length / drawn.length;
  expect(share).toBeGreaterThan(0.72);
  expect(share).toBeLessThan(0.78);
});
