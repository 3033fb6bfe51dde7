import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Births } from '../../../src/layers/rate-limit/births.ts';

test('Never fewer are counted than are alive, and hardly more', () => {
  const steps = fc.array(fc.record({ wait: fc.nat(300), born: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 5e9), (all, start) => {
      const births = new Births(1000);
      const times: number[] = [];
      let now = start;
      for (const { wait, born } of all) {
        now += wait;
        if (born) {
          births.add(now);
          times.push(now);
        }
        const alive = births.alive(now);
        expect(alive).toBeGreaterThanOrEqual(times.filter((time) => time + 1000 > now).length);
        expect(alive).toBeLessThanOrEqual(times.filter((time) => time + 1032 > now).length);
      }
    }),
    { numRuns: 300 },
  );
});

test('A clock that jumps back loses none', () => {
  const births = new Births(1000);
  births.add(5000);
  births.add(4000);
  expect([births.alive(4000), births.alive(5900), births.alive(7000)]).toEqual([2, 2, 0]);
});
