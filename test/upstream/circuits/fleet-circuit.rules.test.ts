import { describe, expect, test } from 'vitest';
import { OPEN_FOR } from './circuit-rig.ts';
import { PLACE, TestFleet } from './fleet-fleet.ts';
import { settled } from './fleet-redis.ts';
import { FleetTwin } from './fleet-twin.ts';

describe('A fleet opens a circuit', () => {
  test('on the votes of more than half of its machines, for all, at once', async () => {
    const [fleet, a, b, c] = await TestFleet.of('a', 'b', 'c');
    a.fail();
    await settled();
    expect(fleet.states).toEqual(['open', 'closed', 'closed']);
    b.fail();
    await settled();
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    const reason = '2 of 3 machines, the last: 3 failures within 10s, the last: connect';
    expect([c.turns, c.circuit.wait, c.circuit.admits, c.circuit.openings]).toEqual([[`open: ${reason}`], OPEN_FOR, false, 1]);
    expect([a.turns.length, fleet.turn]).toEqual([1, `1 open ${reason}`]);
  });

  test('not on those of one machine, however many threads it has', async () => {
    const [fleet, ...all] = await TestFleet.of('a', 'a', 'a', 'a', 'b', 'c');
    for (const thread of all.slice(0, 4)) thread.fail();
    await fleet.wait(4000);
    expect(fleet.states).toEqual(['open', 'open', 'open', 'open', 'closed', 'closed']);
  });

  test('not on those of machines of which half the threads disagree', async () => {
    const [fleet, a, , b] = await TestFleet.of('a', 'a', 'b', 'c');
    a.fail();
    b.fail();
    await fleet.wait(4000);
    expect([fleet.states, fleet.turn]).toEqual([['open', 'closed', 'open', 'closed'], '']);
  });

  test('not on those of half of the machines, though they send nothing any more', async () => {
    const [fleet, a, b, c, d] = await TestFleet.of('a', 'b', 'c', 'd');
    a.fail();
    b.fail();
    for (let at = 0; at < 20; at++) {
      c.succeed();
      d.succeed();
      await fleet.wait(500);
    }
    expect(fleet.turn).toBe('');
  });

  test('by its quorum, and on all votes where that is all', async () => {
    const [fleet, a, b] = await TestFleet.of('a', 'b');
    for (const { policy } of [a, b]) Object.assign(policy, { quorum: 1 });
    await fleet.open();
    expect(fleet.states).toEqual(['open', 'open']);
  });

  test('and what began before says nothing', async () => {
    const [fleet, , , c] = await TestFleet.of('a', 'b', 'c');
    const permits = [c.enter(), c.enter(), c.enter(), c.enter()];
    await fleet.open();
    for (const permit of permits) permit.failed('timeout');
    await fleet.wait(OPEN_FOR);
    expect(c.circuit.failures).toBe(0);
    c.circuit.want();
    await settled();
    expect(fleet.states).toEqual(['open', 'open', 'half_open']);
  });
});

describe('Of a fleet, one member tries an open circuit', () => {
  test('who has a request in hand, when it is due; the others wait', async () => {
    const [fleet, a, b, c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    for (const member of [a, b, c]) member.circuit.want();
    await fleet.wait(OPEN_FOR - 1);
    for (const member of [a, b, c]) member.circuit.want();
    await fleet.wait(1000);
    expect(fleet.states).toEqual(['open', 'open', 'open']);
    c.circuit.want();
    a.circuit.want();
    await settled();
    expect([fleet.states, a.circuit.admits, c.circuit.admits]).toEqual([['open', 'open', 'half_open'], false, true]);
    expect([c.enter(), c.enter()].length).toBe(2);
    expect(c.circuit.admits).toBe(false);
  });

  test('whose successes close it for all, but for those who opened it themselves: they try it first', async () => {
    const [fleet, a, , c, d] = await TestFleet.of('a', 'b', 'c', 'd', 'a');
    (a as typeof c).fail();
    fleet.members[1]?.fail();
    fleet.members[4]?.fail();
    c.fail();
    await settled();
    await fleet.wait(OPEN_FOR);
    d.circuit.want();
    await settled();
    d.succeed(2);
    expect(d.state).toBe('half_open');
    await settled();
    expect(fleet.states).toEqual(['half_open', 'half_open', 'half_open', 'closed', 'half_open']);
    expect(d.turns.map((turn) => turn.split(':')[0])).toEqual(['open', 'half_open', 'closed']);
    c.succeed(2);
    expect(c.state).toBe('closed');
    expect(fleet.turn).toBe('2 closed ');
  });

  test('whose failure opens it again for all, and who then lets others go first', async () => {
    const [fleet, a, , c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    await fleet.wait(OPEN_FOR);
    a.circuit.want();
    await settled();
    a.fail(1);
    await settled();
    expect([fleet.states, fleet.turn]).toEqual([['open', 'open', 'open'], '2 open a trial failed: connect']);
    expect([a.circuit.wait, c.circuit.wait]).toEqual([OPEN_FOR + 5000, OPEN_FOR]);
    await fleet.wait(OPEN_FOR);
    a.circuit.want();
    await settled();
    expect(a.state).toBe('open');
    c.circuit.want();
    await settled();
    expect(c.state).toBe('half_open');
  });

  test('and when it dies another takes over after five seconds', async () => {
    const [fleet, a, b, c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    await fleet.wait(OPEN_FOR);
    a.circuit.want();
    await settled();
    a.circuits.close();
    for (let at = 0; at < 19; at++) {
      b.circuit.want();
      await fleet.wait(250);
      expect(b.state).toBe('open');
    }
    await fleet.wait(250);
    c.circuit.want();
    await settled();
    expect(c.state).toBe('half_open');
  });

  test.each([
    ['not counted', new FleetTwin(), '2 closed '],
    ['counted without the fence', new FleetTwin(undefined, new Set(['fence'])), '3 open a trial failed: timeout'],
  ])('what one that stood still meanwhile says then is %s', async (_, twin, turn) => {
    const [fleet, a, , c] = await TestFleet.of('a', 'b', 'c');
    for (const [key, hash] of fleet.redis.twin.circuits) twin.circuits.set(key, hash);
    fleet.redis.twin = twin;
    await fleet.open();
    await fleet.wait(OPEN_FOR);
    a.circuit.want();
    await settled();
    const late = a.enter();
    // Nothing reaches it while it stands still.
    const run = a.store.run.bind(a.store);
    a.store.run = () => new Promise(() => {});
    await fleet.wait(6000);
    expect([a.circuit.admits, a.circuits.enter(PLACE, a.policy)]).toEqual([false, undefined]);
    c.circuit.want();
    await settled();
    c.succeed(2);
    await settled();
    a.store.run = run;
    late.failed('timeout');
    await settled();
    expect(fleet.turn).toBe(turn);
  });
});

describe('After a fleet has closed a circuit', () => {
  test('votes count of those alone who have had a success since', async () => {
    const [fleet, a, b, c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    await fleet.wait(OPEN_FOR);
    c.circuit.want();
    await settled();
    c.succeed(2);
    await settled();
    // Their own trials fail at once: they may be to blame themselves.
    a.fail(1);
    b.fail(1);
    await fleet.wait(4000);
    expect([fleet.states, fleet.turn]).toEqual([['open', 'open', 'closed'], '2 closed ']);
    await fleet.wait(OPEN_FOR);
    for (const member of [a, b]) member.succeed(2);
    for (const member of [a, b]) member.fail();
    await settled();
    expect(fleet.states).toEqual(['open', 'open', 'open']);
  });
});
