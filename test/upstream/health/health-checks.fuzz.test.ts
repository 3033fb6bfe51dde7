import fc from 'fast-check';
import { expect, test } from 'vitest';
import { turns } from '../../support/channels.ts';
import { HealthRig } from '../../support/health-checks.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('update' as const), targets: fc.subarray(['a', 'b', 'c', 'd', 'e']) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(3000) }),
  fc.record({ kind: fc.constant('answer' as const), which: fc.nat(10), problem: fc.constantFrom(undefined, 'refused', 'slow') }),
);

test('whatever happens, each target of the list is probed in its time, nobody else is, and what is told is true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const rig = new HealthRig({ failure_threshold: 2, interval: 1000 }, { check_type: 'http', interval: 500 });
      let targets: readonly string[] = [];
      for (const one of steps) {
        if (one.kind === 'update') {
          targets = one.targets;
          rig.checks.update(targets);
        } else if (one.kind === 'pass') rig.clock.advance(one.ms);
        else [...rig.open][one.which]?.answer(one.problem);
        await turns(1);
        const alive = [...rig.open].filter(({ signal }) => !signal.aborted);
        // Never two at a time of one target and check, and none of a target that is gone.
        expect(new Set(alive.map(({ target, check }) => `${target} ${check.check_type}`)).size).toBe(alive.length);
        expect(alive.every(({ target }) => targets.includes(target))).toBe(true);
        expect(rig.clock.pending).toBeLessThanOrEqual(1);
      }
      // What was told last of each is what holds: nobody is told nothing twice.
      for (const target of targets) {
        const last = rig.told.filter((text) => text.startsWith(`${target} `)).at(-1);
        if (!rig.checks.verdict(target).ready) expect(last).toContain('not ready');
      }
      for (const one of [...rig.open]) one.answer();
      rig.finds = () => undefined;
      await rig.pass(5000);
      const recent = rig.asked.filter(({ at }) => at > rig.clock.now() - 1200).map(({ target }) => target);
      expect(new Set(recent)).toEqual(new Set(targets));
      expect(targets.every((target) => rig.checks.verdict(target).ready)).toBe(true);
      rig.checks.close();
      expect(rig.clock.pending).toBe(0);
    }),
    { numRuns: 100 },
  );
});
