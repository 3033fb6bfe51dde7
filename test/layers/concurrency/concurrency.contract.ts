import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Concurrency, Permit } from '../../../src/layers/concurrency/concurrency.ts';

/** What everything that counts who is in promises. @param open one that nobody is in */
export function concurrencyContract(name: string, open: () => Concurrency): void {
  describe(`${name}: a bucket`, () => {
    test('lets in as many as its limit, and another when one has left', () => {
      const concurrency = open();
      const permits = [1, 2, 3].map(() => concurrency.enter('a', 2));
      expect(permits.map((permit) => permit !== undefined)).toEqual([true, true, false]);
      permits[0]?.leave();
      expect(concurrency.enter('a', 2)).toBeDefined();
      expect(concurrency.enter('a', 2)).toBeUndefined();
    });

    test('counts alone', () => {
      const concurrency = open();
      concurrency.enter('a', 1);
      expect([concurrency.enter('a', 1), concurrency.enter('b', 1)]).toEqual([undefined, expect.anything()]);
    });

    test('gets a permit back once, however often it is given', () => {
      const concurrency = open();
      const [first, second] = [concurrency.enter('a', 2), concurrency.enter('a', 2)];
      for (let time = 0; time < 3; time++) first?.leave();
      expect([concurrency.enter('a', 2), concurrency.enter('a', 2)]).toEqual([expect.anything(), undefined]);
      second?.leave();
      expect(concurrency.enter('a', 2)).toBeDefined();
    });

    test('takes another limit for those that enter from then on', () => {
      const concurrency = open();
      const permits = [1, 2, 3].map(() => concurrency.enter('a', 3));
      expect(concurrency.enter('a', 1)).toBeUndefined();
      permits[0]?.leave();
      permits[1]?.leave();
      expect(concurrency.enter('a', 1)).toBeUndefined();
      permits[2]?.leave();
      expect(concurrency.enter('a', 1)).toBeDefined();
    });

    test('never has more in it, whatever the order of coming and going', () => {
      const step = fc.record({ bucket: fc.constantFrom('a', 'b'), leave: fc.option(fc.nat(20), { nil: undefined }) });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
          const concurrency = open();
          const held: { bucket: string; permit: Permit }[] = [];
          for (const { bucket, leave } of steps) {
            if (leave !== undefined) {
              held.splice(leave % Math.max(held.length, 1), 1)[0]?.permit.leave();
              continue;
            }
            const inside = held.filter((one) => one.bucket === bucket).length;
            const permit = concurrency.enter(bucket, limit);
            expect(permit !== undefined).toBe(inside < limit);
            if (permit !== undefined) held.push({ bucket, permit });
          }
        }),
        { numRuns: 200 },
      );
    });
  });
}
