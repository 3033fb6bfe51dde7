import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CircuitRig, OPEN_FOR, type OpenCircuits } from './circuit-rig.ts';

/** The part of the contract that is about half-open circuits. */
export function trialsContract(name: string, open: OpenCircuits): void {
  describe(`Half-open circuits in ${name}`, () => {
    let rig: CircuitRig;
    beforeEach(async () => {
      rig = await CircuitRig.open(open);
    });
    afterEach(() => rig.circuits.close());

    test('let so many through at a time', async () => {
      await rig.halfOpen();
      const [first] = [rig.enter(), rig.enter()];
      expect([rig.circuit.admits, rig.refused]).toEqual([false, true]);
      first?.giveBack();
      first?.giveBack();
      expect(rig.circuit.admits).toBe(true);
      rig.enter();
      expect([rig.circuit.admits, rig.circuit.state, rig.turns]).toEqual([false, 'half_open', []]);
    });

    test('close with so many successes, one after the other or at once', async () => {
      await rig.halfOpen();
      rig.enter().succeeded();
      expect([rig.circuit.state, rig.circuit.admits]).toEqual(['half_open', true]);
      const [one, other] = [rig.enter(), rig.enter()];
      one.succeeded();
      expect(rig.turns).toEqual(['closed']);
      other.failed('reset');
      expect([rig.circuit.state, rig.circuit.reason, rig.circuit.requests]).toEqual(['closed', '', 0]);
    });

    test('close with more successes than are let through at a time', async () => {
      rig.watch({ half_open_requests: 1, success_threshold: 3 });
      await rig.halfOpen();
      for (let trial = 0; trial < 3; trial++) {
        const permit = rig.enter();
        expect(rig.refused).toBe(true);
        permit.succeeded();
      }
      expect(rig.circuit.state).toBe('closed');
    });

    test('open with any failure, for the whole time again', async () => {
      await rig.halfOpen();
      rig.enter().succeeded();
      rig.fail(1, 'connect');
      expect(rig.turns).toEqual(['open: a trial failed: connect']);
      expect([rig.circuit.wait, rig.circuit.openings, rig.circuit.admits]).toEqual([OPEN_FOR, 2, false]);
      await rig.wait();
      expect(rig.circuit.state).toBe('half_open');
    });

    test('hear only those that are of this time', async () => {
      const before = rig.enter();
      await rig.halfOpen();
      const [trial] = [rig.enter()];
      before.succeeded();
      before.failed('reset');
      rig.fail();
      // Where others may try, who has failed may have to wait for its next turn.
      await rig.wait(OPEN_FOR * 3);
      expect(rig.circuit.state).toBe('half_open');
      trial?.failed('timeout');
      rig.enter().succeeded();
      trial?.succeeded();
      expect(rig.circuit.state).toBe('half_open');
      rig.enter().succeeded();
      expect(rig.circuit.state).toBe('closed');
    });

    test('begin with a clean slate once they have closed', async () => {
      await rig.halfOpen();
      rig.enter().succeeded();
      rig.enter().succeeded();
      rig.fail(2);
      expect(rig.circuit.state).toBe('closed');
      rig.fail();
      expect([rig.circuit.state, rig.circuit.openings]).toEqual(['open', 2]);
    });

    test('keep no place for a trial that takes longer than they were open', async () => {
      await rig.halfOpen();
      const [silent, other] = [rig.enter(), rig.enter()];
      rig.clock.advance(OPEN_FOR - 1);
      expect(rig.circuit.admits).toBe(false);
      rig.clock.advance(1);
      expect([rig.circuit.admits, rig.circuit.state]).toEqual([true, 'half_open']);
      const next = [rig.enter(), rig.enter()];
      silent.giveBack();
      expect(rig.circuit.admits).toBe(false);
      other.succeeded();
      expect(rig.circuit.admits).toBe(false);
      next[0]?.succeeded();
      expect(rig.circuit.state).toBe('closed');
    });

    test('take a reply for good that has been flowing for so long, or a stream without an end would keep them half-open', async () => {
      await rig.halfOpen();
      const streams = [rig.enter(), rig.enter()];
      for (const stream of streams) stream.answered();
      rig.clock.advance(OPEN_FOR - 1);
      expect(rig.circuit.state).toBe('half_open');
      rig.clock.advance(1);
      expect(rig.turns).toEqual(['closed']);
      for (const stream of streams) stream.failed('reset');
      expect(rig.circuit.failures).toBe(0);
    });

    test('believe a failure that comes late', async () => {
      await rig.halfOpen();
      const slow = rig.enter();
      await rig.wait();
      slow.failed('timeout');
      expect(rig.turns).toEqual(['open: a trial failed: timeout']);
    });
  });
}
