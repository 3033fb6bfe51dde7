import { beforeEach, describe, expect, test } from 'vitest';
import type { Members } from '../../src/fleet/members.ts';
import { TwinFleet } from './twin-fleet.ts';

let fleet: TwinFleet;

beforeEach(() => {
  fleet = new TwinFleet();
});

const names = (members: Members) => members.living().map(({ machine, thread }) => `${machine}.${thread}`);

describe('Before it starts, a member', () => {
  test('is alone, and knows of no others', () => {
    const { members, store } = fleet.add('a');
    expect(members.living()).toEqual([members.self]);
    expect([members.count, members.machines, members.mostLately]).toEqual([1, ['a'], 0]);
    expect(members.contact).toEqual({ answered: false, since: 1000 });
    expect(store.sent).toEqual([]);
  });
});

describe('Members', () => {
  test('see each other by the next turn, one way by its first beat, the other by the wake-up', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b', 1)];
    a.members.start();
    await fleet.pass(500);
    b.members.start();
    await fleet.pass(0);
    expect(names(b.members)).toEqual(['a.0', 'b.1']);
    await fleet.pass(100);
    expect(names(a.members)).toEqual(['a.0', 'b.1']);
    expect(a.members.living().map(({ isSelf }) => isSelf)).toEqual([true, false]);
  });

  test('see each other within a heartbeat when no wake-up comes', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b')];
    a.members.start();
    a.store.channels.clear();
    await fleet.pass(500);
    b.members.start();
    await fleet.pass(510);
    expect(a.members.count).toBe(2);
  });

  test('are one machine for all threads of a process', async () => {
    const all = [fleet.add('b', 0), fleet.add('b', 1), fleet.add('a', 0)];
    for (const { members } of all) members.start();
    await fleet.pass(2500);
    expect(all[0]?.members.count).toBe(3);
    expect(all[0]?.members.machines).toEqual(['a', 'b']);
  });

  test('are told of joins, leaves and deaths', async () => {
    const [a, b, c] = [fleet.add('a'), fleet.add('b'), fleet.add('c')];
    const told: string[] = [];
    const off = a.members.onChange((change) => {
      for (const kind of ['joined', 'left', 'died'] as const)
        for (const { machine } of change[kind]) told.push(`${machine} ${kind}`);
    });
    for (const { members } of [a, b, c]) members.start();
    await fleet.pass(3000);
    await b.members.leave();
    await fleet.pass(300);
    expect(told.sort()).toEqual(['b joined', 'b left', 'c joined']);
    c.members.close();
    await fleet.pass(6010);
    expect(told.at(-1)).toBe('c died');
    off();
    fleet.add('d').members.start();
    await fleet.pass(2000);
    expect(told).toHaveLength(4);
    expect(names(a.members)).toEqual(['a.0', 'd.0']);
  });

  test('give the same list until it changes', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b')];
    for (const { members } of [a, b]) members.start();
    await fleet.pass(2000);
    const list = a.members.living();
    await fleet.pass(3000);
    expect(a.members.living()).toBe(list);
    expect(Object.isFrozen(list)).toBe(true);
  });
});

describe('Leaving', () => {
  test('waits for the beat in flight, says so once, and is the end', async () => {
    const { members, store } = fleet.add('a');
    members.start();
    await members.leave();
    await members.leave();
    members.start();
    await fleet.pass(5000);
    expect(store.sent).toEqual(['beat', 'leave']);
    expect([store.channels.size, store.states.size, fleet.clock.pending]).toEqual([0, 0, 0]);
  });

  test('ends without an error when Redis does not take it', async () => {
    const { members, store } = fleet.add('a');
    members.start();
    await fleet.pass(100);
    store.fails = 'late';
    await members.leave();
    expect(store.sent).toEqual(['beat', 'leave']);
  });

  test('before the start tells nobody', async () => {
    const { members, store } = fleet.add('a');
    await members.leave();
    members.start();
    expect(store.sent).toEqual([]);
  });
});

describe('Without Redis', () => {
  test('the list stays as it is, and contact says since when', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b')];
    for (const { members } of [a, b]) members.start();
    await fleet.pass(2000);
    expect(a.members.contact.answered).toBe(true);
    for (const { store } of [a, b]) store.become('down');
    await fleet.pass(60_000);
    expect(a.members.count).toBe(2);
    expect(a.members.contact.answered).toBe(false);
    expect(a.members.contact.since).toBeLessThan(1000 + 2000 + 1200);
  });

  test('its return is a beat at once, even when its absence was too short to notice', async () => {
    const { members, store } = fleet.add('a');
    members.start();
    await fleet.pass(100);
    store.become('down');
    store.become('slow');
    await fleet.pass(10);
    expect(store.sent).toEqual(['beat', 'beat']);
    store.become('up');
    await fleet.pass(10);
    expect(store.sent).toHaveLength(2);
  });

  test('a start joins as soon as it is there', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b')];
    a.members.start();
    b.store.become('down');
    b.members.start();
    await fleet.pass(3000);
    expect([b.members.contact.answered, b.members.mostLately]).toEqual([false, 0]);
    b.store.become('up');
    await fleet.pass(200);
    expect(names(a.members)).toEqual(['a.0', 'b.0']);
    expect(names(b.members)).toEqual(['a.0', 'b.0']);
  });

  test('an answer that none of the scripts gives is none', async () => {
    const { members, store } = fleet.add('a');
    store.answer = () => 'OK';
    members.start();
    await fleet.pass(100);
    expect(members.contact.answered).toBe(false);
  });
});

test('A gap in what the channel says is a beat soon', async () => {
  const { members, store } = fleet.add('a');
  members.start();
  await fleet.pass(500);
  for (const listener of store.channels.values()) listener.gap();
  await fleet.pass(110);
  expect(store.sent).toHaveLength(2);
});

test('Its own wake-up wakes nobody', async () => {
  const { members, store } = fleet.add('a');
  members.start();
  await fleet.pass(900);
  expect(store.sent).toEqual(['beat']);
});

describe('The most members lately', () => {
  test('are handed on to who joins, when they are gone, for about an hour', async () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => fleet.add(name));
    for (const { members } of all) members.start();
    await fleet.pass(3000);
    for (const { members } of all.slice(1)) await members.leave();
    const joiner = fleet.add('z');
    joiner.members.start();
    await fleet.pass(1000);
    expect([joiner.members.count, joiner.members.mostLately, all[0]?.members.mostLately]).toEqual([2, 4, 4]);
    // Hours pass in moments: all that happens meanwhile is a beat.
    await fleet.pass(10);
    fleet.clock.stall(4_200_000);
    await fleet.pass(3000);
    expect(joiner.members.mostLately).toBe(2);
  });

  test('are known by who has seen them, when Redis has lost them', async () => {
    const [a, b] = [fleet.add('a'), fleet.add('b')];
    for (const { members } of [a, b]) members.start();
    await fleet.pass(3000);
    await b.members.leave();
    fleet.twin.lose();
    await fleet.pass(3000);
    expect(a.members.mostLately).toBe(2);
  });

  test('are not those who crash again and again', async () => {
    for (let i = 0; i < 10; i++) {
      const { members } = fleet.add(`crash${i}`);
      members.start();
      await fleet.pass(6000);
      members.close();
    }
    const { members } = fleet.add('a');
    members.start();
    await fleet.pass(1000);
    expect(members.count).toBe(11);
    expect(members.mostLately).toBe(2);
    await fleet.pass(5000);
    expect(members.count).toBe(1);
  });
});
