import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutlierDetector } from '../../src/upstream/outlier.ts';
import { ManualClock } from '../support/manual-clock.ts';

const ALL = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const config = fc.record({
  consecutive_failures: fc.integer({ min: 1, max: 4 }),
  interval: fc.integer({ min: 1, max: 20_000 }),
  base_ejection: fc.integer({ min: 1, max: 30_000 }),
  max_ejected: fc.double({ min: 0, max: 1, noNaN: true }),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('failed' as const), target: fc.constantFrom(...ALL) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('succeeded' as const), target: fc.constantFrom(...ALL) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), targets: fc.subarray(ALL) }) },
);

/** Said in whole targets, as the documentation says it. */
function mostAway(count: number, share: number): number {
  return count < 2 || share === 0 ? 0 : Math.max(1, Math.floor(count * share + 1e-9));
}

test('whatever happens, never more than the share are away, and whoever is comes back in time', () => {
  fc.assert(
    fc.property(config, fc.array(step, { maxLength: 120 }), (config, steps) => {
      const clock = new ManualClock();
      let targets: readonly string[] = ALL;
      const away = new Map<string, number>();
      const detector = new OutlierDetector<string>(config, clock, (target, { ready }) => {
        // It is told of changes only.
        expect(away.has(target)).toBe(ready);
        expect(targets).toContain(target);
        if (ready) away.delete(target);
        else away.set(target, clock.now());
      });
      detector.update(targets);
      for (const one of steps) {
        if (one.kind === 'pass') clock.advance(one.ms);
        else if (one.kind === 'update') {
          for (const target of targets) if (!one.targets.includes(target)) away.delete(target);
          targets = one.targets;
          detector.update(targets);
        } else detector[one.kind](one.target);
        expect(away.size).toBeLessThanOrEqual(mostAway(targets.length, config.max_ejected));
        for (const since of away.values()) expect(clock.now() - since).toBeLessThanOrEqual(10 * config.base_ejection);
        expect(clock.pending).toBe(away.size);
      }
      clock.advance(10 * config.base_ejection);
      expect([...away.keys()]).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
