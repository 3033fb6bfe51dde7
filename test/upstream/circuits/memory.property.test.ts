import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Permit } from '../../../src/upstream/circuits/circuits.ts';
import { MemoryCircuits } from '../../../src/upstream/circuits/memory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { NaiveCircuit } from './naive-circuit.ts';
import { policyOf } from './policy.ts';

type Step =
  | { readonly do: 'enter' }
  | { readonly do: 'attempt'; readonly well: boolean }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'succeed' | 'fail' | 'giveBack' | 'answer'; readonly which: number };

const which = fc.nat(8);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ do: fc.constant('attempt' as const), well: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('enter' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 500, 999, 1000, 1000, 5000, 8900, 9500) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('succeed' as const), which }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fail' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('giveBack' as const, 'answer' as const), which }) },
);
const policy = fc
  .record({
    failure_threshold: fc.constantFrom(0, 1, 3, 6),
    consecutive_failures: fc.constantFrom(0, 2, 4),
    error_ratio: fc.constantFrom(0, 0.3, 0.5, 1),
    min_requests: fc.constantFrom(1, 4),
    open_for: fc.constantFrom('1s', '5s', '20s'),
    half_open_requests: fc.integer({ min: 1, max: 3 }),
    success_threshold: fc.integer({ min: 1, max: 4 }),
  })
  .filter((one) => one.failure_threshold + one.consecutive_failures + one.error_ratio > 0)
  .map(policyOf);

test('A circuit does what one would do who remembers everything', () => {
  fc.assert(
    fc.property(policy, fc.array(step, { minLength: 20, maxLength: 120 }), (policy, steps) => {
      const clock = new ManualClock();
      const circuits = new MemoryCircuits(clock);
      const place = { label: 'users/a' };
      const told: string[] = ['closed'];
      const circuit = circuits.watch(place, policy, (state) => told.push(state));
      const model = new NaiveCircuit(policy);
      const out: { permit: Permit; mark: ReturnType<NaiveCircuit['enter']> }[] = [];

      /** In steps that no two things can be due in between. */
      const pass = (ms: number) => {
        for (let left = ms; left >= 0; left -= 10) {
          clock.advance(Math.min(left, 10));
          model.pass(clock.now());
          if (left === 0) break;
        }
      };
      const settle = (kind: 'succeed' | 'fail' | 'giveBack' | 'answer', { permit, mark }: (typeof out)[number]) => {
        if (kind === 'answer') {
          permit.answered();
          mark.answered = true;
        } else if (kind === 'succeed') {
          permit.succeeded();
          model.succeed(mark, clock.now());
        } else if (kind === 'fail') {
          permit.failed('reset');
          model.fail(mark, clock.now(), circuit.state === 'open');
        } else {
          permit.giveBack();
          model.giveBack(mark);
        }
      };

      for (const each of steps) {
        if (each.do === 'pass') pass(each.ms);
        else if (each.do === 'enter' || each.do === 'attempt') {
          const permit = circuits.enter(place, policy);
          expect(permit !== undefined).toBe(model.admits);
          const one = permit && { permit, mark: model.enter(clock.now()) };
          if (one !== undefined && each.do === 'enter') out.push(one);
          else if (one !== undefined && each.do === 'attempt') settle(each.well ? 'succeed' : 'fail', one);
        } else if (out.length > 0) {
          const at = each.which % out.length;
          settle(each.do, out[at] as (typeof out)[number]);
          if (each.do !== 'answer') out.splice(at, 1);
        }
        expect([circuit.state, circuit.admits]).toEqual([model.name, model.admits]);
        expect(model.held).toBeLessThanOrEqual(policy.half_open_requests);
        expect(told.at(-1)).toBe(circuit.state);
      }

      // Whatever was done, it is in use again once the endpoint is well, and nothing is left when it is closed.
      for (const { permit } of out) permit.giveBack();
      for (let round = 0; circuit.state !== 'closed' && round < 10; round++) {
        clock.advance(policy.open_for);
        circuits.enter(place, policy)?.succeeded();
      }
      expect(circuit.state).toBe('closed');
      circuits.close();
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 500 },
  );
});
