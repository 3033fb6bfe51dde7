import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Schedule } from '../../../src/upstream/health/schedule.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function takeAll<Item>(schedule: Schedule<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = schedule.take(); item !== undefined; item = schedule.take()) taken.push(item);
  return taken;
}

describe('A schedule', () => {
  test('gives what is due, the earliest first', () => {
    const clock = new ManualClock(0);
    const schedule = new Schedule<string>(clock);
    for (const [at, item] of [
      [30, 'c'],
      [10, 'a'],
      [20, 'b'],
      [40, 'd'],
    ] as const)
      schedule.add(at, item);
    expect(takeAll(schedule)).toEqual([]);
    clock.advance(30);
    expect(takeAll(schedule)).toEqual(['a', 'b', 'c']);
    expect(schedule.size).toBe(1);
  });

  test('gives all of any number of things in the order of their times, those that are kept', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.array(fc.nat(50), { maxLength: 20 }), (first, second) => {
        const clock = new ManualClock(100);
        const schedule = new Schedule<number>(clock);
        for (const at of first) schedule.add(at, at);
        schedule.keep((item) => item % 3 !== 0);
        for (const at of second) schedule.add(at, at);
        const kept = [...first.filter((at) => at % 3 !== 0), ...second];
        expect(takeAll(schedule)).toEqual(kept.sort((a, b) => a - b));
      }),
    );
  });

  test('wakes at the earliest time, with one timer', () => {
    const clock = new ManualClock(0);
    const schedule = new Schedule<string>(clock);
    const woken: number[] = [];
    for (const at of [300, 200, 100, 400]) {
      schedule.add(at, 'x');
      schedule.wake(() => woken.push(clock.now()));
    }
    expect(clock.pending).toBe(1);
    clock.advance(1000);
    expect(woken).toEqual([100]);
  });

  test('wakes at once for what is overdue, and nobody when it sleeps', () => {
    const clock = new ManualClock(1000);
    const schedule = new Schedule<string>(clock);
    let woken = 0;
    schedule.add(1, 'x');
    schedule.wake(() => woken++);
    clock.advance(0);
    expect(woken).toBe(1);
    schedule.wake(() => woken++);
    schedule.sleep();
    clock.advance(1000);
    expect([woken, clock.pending]).toEqual([1, 0]);
  });

  test('waits for times beyond what a timer can wait for', () => {
    const clock = new ManualClock(0);
    const after = vi.spyOn(clock, 'after');
    const schedule = new Schedule<string>(clock);
    schedule.add(1e12, 'x');
    schedule.wake(() => {});
    expect(after).toHaveBeenCalledWith(2 ** 31 - 1, expect.anything());
  });
});
