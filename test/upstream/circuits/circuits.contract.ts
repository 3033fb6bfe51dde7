import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Permit } from '../../../src/upstream/circuits/circuits.ts';
import { CircuitRig, OPEN_FOR, type OpenCircuits } from './circuit-rig.ts';
import { trialsContract } from './trials.contract.ts';

/**
 * What circuits promise to one instance, whoever else there is: the suite is for an instance that is alone, or alone with
 * its Redis.
 */
export function circuitsContract(name: string, open: OpenCircuits): void {
  trialsContract(name, open);

  describe(`Circuits in ${name}`, () => {
    let rig: CircuitRig;
    beforeEach(async () => {
      rig = await CircuitRig.open(open);
    });
    afterEach(() => rig.circuits.close());

    describe('while closed', () => {
      test('let all through', () => {
        for (let at = 0; at < 100; at++) rig.enter();
        expect([rig.circuit.state, rig.circuit.admits, rig.circuit.wait, rig.circuit.reason, rig.circuit.openings]).toEqual([
          'closed',
          true,
          0,
          '',
          0,
        ]);
      });

      test('open with so many failures within the window, and say why, at once', () => {
        rig.fail(2, 'connect');
        rig.enter().failed('status 503');
        expect(rig.turns).toEqual(['open: 3 failures within 10s, the last: status 503']);
        expect([rig.circuit.state, rig.circuit.admits, rig.circuit.wait, rig.circuit.openings]).toEqual([
          'open',
          false,
          OPEN_FOR,
          1,
        ]);
        expect(rig.circuit.reason).toBe('3 failures within 10s, the last: status 503');
        expect(rig.refused).toBe(true);
      });

      test('forget failures that are older than the window', () => {
        rig.fail(2);
        rig.clock.advance(10_001);
        rig.fail(2);
        expect(rig.circuit.state).toBe('closed');
      });

      test('do not forget them before nine tenths of it', () => {
        rig.fail(2);
        rig.clock.advance(8999);
        rig.fail();
        expect(rig.circuit.state).toBe('open');
      });

      test('open with so many in a row, however long that takes', () => {
        rig.watch({ failure_threshold: 0, consecutive_failures: 3 });
        rig.fail(2);
        rig.enter().succeeded();
        rig.fail(2);
        rig.clock.advance(1e7);
        expect(rig.circuit.state).toBe('closed');
        rig.fail();
        expect(rig.turns).toEqual(['open: 3 failures in a row, the last: reset']);
      });

      test('open with such a share of so many requests', () => {
        rig.watch({ failure_threshold: 0, error_ratio: 0.5, min_requests: 10 });
        for (let at = 0; at < 5; at++) rig.enter().succeeded();
        rig.fail(4);
        expect(rig.circuit.state).toBe('closed');
        rig.fail();
        expect(rig.turns).toEqual(['open: 50% of 10 requests within 10s failed, the last: reset']);
      });

      test('count only what was judged', () => {
        rig.fail(2);
        rig.enter().succeeded();
        for (let at = 0; at < 10; at++) rig.enter().giveBack();
        rig.enter();
        rig.enter().answered();
        expect([rig.circuit.requests, rig.circuit.failures]).toEqual([3, 2]);
      });

      test('take the first word of a permit, and no other', () => {
        const permit = rig.enter();
        permit.giveBack();
        for (let time = 0; time < 5; time++) permit.failed('reset');
        const other = rig.enter();
        for (let time = 0; time < 5; time++) other.failed('reset');
        other.succeeded();
        expect([rig.circuit.state, rig.circuit.requests, rig.circuit.failures]).toEqual(['closed', 1, 1]);
      });
    });

    describe('while open', () => {
      test('let nobody through before the time, whatever comes back', () => {
        const [late, slow] = [rig.enter(), rig.enter()];
        rig.shut();
        late.succeeded();
        slow.failed('timeout');
        rig.clock.advance(OPEN_FOR - 1);
        expect([rig.circuit.state, rig.circuit.admits, rig.circuit.wait, rig.refused]).toEqual(['open', false, 1, true]);
        expect([rig.turns, rig.circuit.openings]).toEqual([[], 1]);
      });

      test('are half-open when it is over, and tell so though nobody asks', async () => {
        rig.shut();
        await rig.wait();
        expect(rig.turns).toEqual(['half_open: 3 failures within 10s, the last: reset']);
        expect([rig.circuit.state, rig.circuit.admits, rig.circuit.wait]).toEqual(['half_open', true, 0]);
      });
    });

    describe('watched anew', () => {
      test('keep their state, their window and their permits, and tell the new listener alone', () => {
        const permit = rig.enter();
        rig.fail();
        const before = rig.turns;
        rig.turns = [];
        rig.watch();
        const old = before.length;
        permit.failed('reset');
        rig.fail();
        expect([rig.turns.length, before.length - old, rig.circuit.state]).toEqual([1, 0, 'open']);
      });

      test('go by the new numbers', async () => {
        rig.fail(2);
        rig.watch({ failure_threshold: 10 });
        rig.fail(7);
        expect(rig.circuit.state).toBe('closed');
        rig.fail();
        expect(rig.circuit.state).toBe('open');
        rig.clock.advance(3000);
        rig.watch({ open_for: '10s' });
        expect(rig.circuit.wait).toBe(7000);
        rig.clock.advance(6999);
        expect(rig.circuit.state).toBe('open');
        rig.watch({ open_for: '1s' });
        await rig.wait(0);
        expect([rig.circuit.state, rig.circuit.wait]).toEqual(['half_open', 0]);
        rig.watch({ half_open_requests: 1 });
        rig.enter();
        expect(rig.refused).toBe(true);
        rig.watch({ half_open_requests: 4, success_threshold: 1 });
        rig.enter().succeeded();
        expect(rig.circuit.state).toBe('closed');
      });

      test('say since when they are in their state', async () => {
        const made = rig.clock.wall();
        rig.clock.advance(100);
        rig.fail();
        expect(rig.circuit.since).toBe(made);
        rig.fail(2);
        rig.watch();
        expect(rig.circuit.since).toBe(made + 100);
        await rig.wait();
        expect(rig.circuit.since).toBe(made + 100 + OPEN_FOR);
      });
    });

    describe('of several endpoints', () => {
      test('are one each', () => {
        const other = { label: 'orders/192.0.2.1:80' };
        const apart = rig.circuits.watch(other, rig.policy, () => rig.turns.push('other'));
        rig.shut();
        expect([rig.circuit.state, apart.state, rig.turns]).toEqual(['open', 'closed', []]);
        expect(rig.circuits.enter(other, rig.policy)).toBeDefined();
      });

      test('are forgotten with them, and begin anew', async () => {
        const permits = [rig.enter(), rig.enter(), rig.enter()];
        rig.shut();
        rig.circuits.forget(rig.place);
        await rig.wait();
        rig.watch();
        for (const permit of permits) permit.failed('reset');
        rig.fail(2);
        expect([rig.circuit.state, rig.circuit.openings, rig.turns]).toEqual(['closed', 0, []]);
      });

      test('are not forgotten by one whose place another has taken', () => {
        rig.shut();
        const next = { ...rig.place };
        const again = rig.circuits.watch(next, rig.policy, () => rig.turns.push('next'));
        rig.circuits.forget(rig.place);
        expect([again.state, rig.circuits.enter(next, rig.policy)]).toEqual(['open', undefined]);
        rig.circuits.forget(next);
        expect(rig.circuits.enter(next, rig.policy)).toBeDefined();
      });

      test('that are not watched let all through, and learn nothing', () => {
        const other = { label: 'nobody/192.0.2.9:80' };
        for (let at = 0; at < 10; at++) {
          const permit = rig.circuits.enter(other, rig.policy) as Permit;
          permit.answered();
          permit.failed('reset');
          permit.succeeded();
          permit.giveBack();
        }
        expect(rig.circuits.enter(other, rig.policy)).toBeDefined();
      });
    });

    test('leave no timer behind, closed or forgotten', async () => {
      const idle = rig.clock.pending;
      rig.shut();
      rig.circuits.forget(rig.place);
      rig.watch();
      await rig.halfOpen();
      rig.enter();
      rig.circuits.close();
      expect(rig.clock.pending).toBeLessThanOrEqual(idle);
      expect(() => rig.enter().failed('reset')).not.toThrow();
      expect(rig.turns).toEqual([]);
    });
  });
}
