import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Concurrency, Permit } from '../../../src/layers/concurrency/concurrency.ts';

/** What everything that counts who is in promises. @param open one that nobody is in */
export function concurrencyContract(name: string, open: () => Concurrency): void {
  const enter = async (concurrency: Concurrency, bucket: string, limit: number) => concurrency.enter(bucket, limit);

  describe(`${name}: a bucket`, () => {
    test('lets in as many as its limit, and another when one has left', async () => {
      const concurrency = open();
      const permits = [await enter(concurrency, 'a', 2), await enter(concurrency, 'a', 2), await enter(concurrency, 'a', 2)];
      expect(permits.map((permit) => permit !== undefined)).toEqual([true, true, false]);
      permits[0]?.leave();
      expect(await enter(concurrency, 'a', 2)).toBeDefined();
      expect(await enter(concurrency, 'a', 2)).toBeUndefined();
    });

    test('counts alone', async () => {
      const concurrency = open();
      await enter(concurrency, 'a', 1);
      expect([await enter(concurrency, 'a', 1), await enter(concurrency, 'b', 1)]).toEqual([undefined, expect.anything()]);
    });

    test('gets a permit back once, however often it is given', async () => {
      const concurrency = open();
      const [first, second] = [await enter(concurrency, 'a', 2), await enter(concurrency, 'a', 2)];
      for (let time = 0; time < 3; time++) first?.leave();
      expect([await enter(concurrency, 'a', 2), await enter(concurrency, 'a', 2)]).toEqual([expect.anything(), undefined]);
      second?.leave();
      expect(await enter(concurrency, 'a', 2)).toBeDefined();
    });

    test('takes another limit for those that enter from then on', async () => {
      const concurrency = open();
      const permits = [await enter(concurrency, 'a', 3), await enter(concurrency, 'a', 3), await enter(concurrency, 'a', 3)];
      expect(await enter(concurrency, 'a', 1)).toBeUndefined();
      permits[0]?.leave();
      permits[1]?.leave();
      expect(await enter(concurrency, 'a', 1)).toBeUndefined();
      permits[2]?.leave();
      expect(await enter(concurrency, 'a', 1)).toBeDefined();
    });

    test('never has more in it, whatever the order of coming and going', async () => {
      const step = fc.record({ bucket: fc.constantFrom('a', 'b'), leave: fc.option(fc.nat(20), { nil: undefined }) });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
          const concurrency = open();
          const held: { bucket: string; permit: Permit }[] = [];
          for (const { bucket, leave } of steps) {
            if (leave !== undefined) {
              held.splice(leave % Math.max(held.length, 1), 1)[0]?.permit.leave();
              continue;
            }
            const inside = held.filter((one) => one.bucket === bucket).length;
            const permit = await enter(concurrency, bucket, limit);
            expect(permit !== undefined).toBe(inside < limit);
            if (permit !== undefined) held.push({ bucket, permit });
          }
        }),
        { numRuns: 200 },
      );
    });
  });
}
