import { describe, expect, test } from 'vitest';
import { OPEN_FOR } from './circuit-rig.ts';
import { TestFleet } from './fleet-fleet.ts';
import { settled } from './fleet-redis.ts';

describe('A member of a fleet', () => {
  test('starts with what the fleet says', async () => {
    const [fleet] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    const fresh = fleet.join('d');
    await settled();
    expect([fresh.state, fresh.circuit.admits, fresh.circuit.wait]).toEqual(['open', false, OPEN_FOR]);
  });

  test('judges for itself while Redis is down, and is told again when it is back', async () => {
    const [fleet, a, , c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    c.store.become('down');
    expect([c.state, c.circuit.admits]).toEqual(['closed', true]);
    c.store.become('up');
    expect(c.state).toBe('closed');
    await settled();
    expect([c.state, a.state]).toEqual(['open', 'open']);
  });

  test('that has seen it do well meanwhile closes it, and nobody flaps', async () => {
    const [fleet, , , c, d] = await TestFleet.of('a', 'b', 'c', 'd', 'a', 'b');
    for (const at of [0, 1, 4, 5]) fleet.members[at]?.fail();
    c.fail();
    await settled();
    expect(fleet.turn).toContain('1 open');
    for (const { store } of fleet.members) store.become('down');
    await fleet.wait(OPEN_FOR);
    for (const member of fleet.members) member.succeed(2);
    const before = fleet.members.map(({ turns }) => turns.length);
    for (const { store } of fleet.members) store.become('up');
    await fleet.wait(2000);
    expect([fleet.turn, fleet.states.every((state) => state === 'closed')]).toEqual(['2 closed ', true]);
    expect(fleet.members.map(({ turns }) => turns.length)).toEqual(before);
    expect(d.circuit.openings).toBe(1);
  });

  test('has one vote when it comes back, whatever it has found out alone', async () => {
    const [fleet, a] = await TestFleet.of('a', 'b', 'c');
    a.store.become('down');
    a.fail();
    a.store.become('up');
    await fleet.wait(2000);
    expect([fleet.states, fleet.turn]).toEqual([['open', 'closed', 'closed'], '']);
  });

  test('writes back what Redis has lost, by a greater number and the same random text', async () => {
    const [fleet] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    const before = fleet.redis.turn('users/192.0.2.1:80');
    fleet.redis.twin.lose();
    await fleet.wait(2500);
    expect([fleet.redis.turn('users/192.0.2.1:80'), fleet.states]).toEqual([before, ['open', 'open', 'open']]);
  });

  test('asks again when an answer was lost, and its verdict counts once', async () => {
    const [fleet, , , c] = await TestFleet.of('a', 'b', 'c');
    await fleet.open();
    await fleet.wait(OPEN_FOR);
    c.store.losing = 1;
    c.circuit.want();
    await fleet.wait(1000);
    expect(c.state).toBe('open');
    c.circuit.want();
    await settled();
    expect(c.state).toBe('half_open');
    // That of the verdict, and of the report beside it.
    c.store.losing = 2;
    c.succeed(2);
    await settled();
    expect([c.state, c.circuit.admits, fleet.turn]).toEqual(['half_open', false, '2 closed ']);
    await fleet.wait(500);
    expect([c.state, fleet.turn]).toEqual(['closed', '2 closed ']);
  });

  test('says little: two calls in 4 s of an endpoint in use, none for one that is not', async () => {
    const [fleet, a] = await TestFleet.of('a', 'b');
    await fleet.wait(15_000);
    a.store.calls.length = 0;
    await fleet.wait(60_000);
    expect(a.store.calls).toEqual([]);
    for (let at = 0; at < 80; at++) {
      a.succeed();
      await fleet.wait(50);
    }
    expect([...new Set(a.store.calls)]).toEqual(['circuit-report']);
    expect(a.store.calls.length).toBeLessThanOrEqual(2);
  });

  test('reads all again after a gap', async () => {
    const [, a] = await TestFleet.of('a', 'b');
    a.store.calls.length = 0;
    a.store.gap();
    await settled();
    expect(a.store.calls).toEqual(['circuit-report']);
  });

  test('takes nonsense for no answer', async () => {
    const [fleet, a] = await TestFleet.of('a', 'b');
    for (const reply of [undefined, 'x', [], [1, 1, 'x', 'a', 'open', '', '', '0'], [1, 1, '3', 'a', 'ajar', '', '', '0']]) {
      a.store.run = async () => reply;
      a.store.gap();
      await fleet.wait(500);
      expect(a.state).toBe('closed');
    }
  });
});
