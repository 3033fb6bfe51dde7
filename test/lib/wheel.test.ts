import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Wheel } from '../../src/lib/wheel.ts';
import { ManualClock } from '../support/manual-clock.ts';

const TICK = 50;

function setUp(start = 0) {
  const clock = new ManualClock(start);
  const wheel = new Wheel(clock, TICK);
  const fired: string[] = [];
  const timeout = (name: string, more: () => void = () => {}) =>
    wheel.timeout(() => {
      fired.push(name);
      more();
    });
  return { clock, wheel, fired, timeout };
}

describe('A timeout', () => {
  test('fires once when its time is over', () => {
    const { clock, fired, timeout } = setUp();
    timeout('a').set(100);
    clock.advance(99);
    expect(fired).toEqual([]);
    clock.advance(1 + 2 * TICK);
    expect(fired).toEqual(['a']);
    clock.advance(100_000);
    expect(fired).toEqual(['a']);
  });

  test('counts from the last time it was set, whether that is later or earlier', () => {
    const { clock, fired, timeout } = setUp();
    const later = timeout('later');
    const earlier = timeout('earlier');
    later.set(100);
    earlier.set(10_000);
    clock.advance(90);
    later.set(10_000);
    earlier.set(100);
    clock.advance(100 + 2 * TICK);
    expect(fired).toEqual(['earlier']);
    clock.advance(10_000);
    expect(fired).toEqual(['earlier', 'later']);
  });

  test.each(['clear', 'remove'] as const)('does not fire after %s, and can be set again', (way) => {
    const { clock, fired, timeout } = setUp();
    const one = timeout('one');
    one.set(100);
    one[way]();
    clock.advance(1000);
    expect(fired).toEqual([]);
    one.set(100);
    clock.advance(1000);
    expect(fired).toEqual(['one']);
  });

  test.each([0, -1])('of %d ms never fires, and takes back what was set', (ms) => {
    const { clock, fired, timeout } = setUp();
    const one = timeout('one');
    one.set(100);
    one.set(ms);
    clock.advance(10_000);
    expect(fired).toEqual([]);
  });

  test('is pending from when it is set until it fires, is cleared or removed', () => {
    const { clock, timeout } = setUp();
    const one = timeout('one');
    expect(one.pending).toBe(false);
    one.set(100);
    expect(one.pending).toBe(true);
    clock.advance(200);
    expect(one.pending).toBe(false);
    for (const way of ['clear', 'remove'] as const) {
      one.set(100);
      one[way]();
      expect(one.pending).toBe(false);
    }
  });

  test('can set itself again while it fires', () => {
    const { clock, fired, timeout } = setUp();
    const again = timeout('again', () => {
      if (fired.length < 3) again.set(100);
    });
    again.set(100);
    clock.advance(10_000);
    expect(fired).toHaveLength(3);
  });

  test('that fires may remove and clear others of its slot, and they stay silent', () => {
    const { clock, wheel, fired, timeout } = setUp();
    const all = ['a', 'b', 'c'].map((name) =>
      timeout(name, () => {
        all[(all.findIndex((_, at) => 'abc'[at] === name) + 1) % 3]?.remove();
        all[(all.findIndex((_, at) => 'abc'[at] === name) + 2) % 3]?.clear();
      }),
    );
    for (const one of all) one.set(100);
    clock.advance(1000);
    expect(fired).toHaveLength(1);
    expect(wheel.size).toBe(0);
  });

  test('that is far beyond one turn of the wheel fires in time', () => {
    const { clock, fired, timeout } = setUp();
    const hour = 3_600_000;
    timeout('far').set(hour);
    clock.advance(hour - 1);
    expect(fired).toEqual([]);
    clock.advance(1 + 2 * TICK);
    expect(fired).toEqual(['far']);
  });

  test('fires after a stall of many turns', async () => {
    const { clock, fired, timeout } = setUp();
    timeout('a').set(100);
    timeout('b').set(40_000);
    clock.stall(600_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fired.sort()).toEqual(['a', 'b']);
  });

  test('does not fire after a stall when what has come meanwhile sets it anew', async () => {
    const { clock, fired, timeout } = setUp();
    const renewed = timeout('renewed');
    const cleared = timeout('cleared');
    renewed.set(100);
    cleared.set(100);
    clock.stall(5000);
    // As a socket does that is read after the timers and before the immediates.
    renewed.set(100);
    cleared.clear();
    await new Promise((resolve) => setImmediate(resolve));
    expect(fired).toEqual([]);
    clock.advance(100 + 2 * TICK);
    expect(fired).toEqual(['renewed']);
  });
});

describe('A wheel', () => {
  test('runs a timer of the system only while something waits', () => {
    const { clock, wheel, timeout } = setUp();
    expect(clock.pending).toBe(0);
    const one = timeout('one');
    one.set(100);
    expect([wheel.size, clock.pending]).toEqual([1, 1]);
    one.remove();
    clock.advance(TICK);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
    one.set(100);
    clock.advance(1000);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
  });

  // A lone entry that is visited and put back, in a turn that covers two ticks, once came back to the slot that was
  // being visited: the loop over the slot never ended.
  test.each([1, 2, 3, 511, 512, 513, 1500])('comes to an end when a lone far entry is visited %d ticks late', (late) => {
    const { clock, wheel, fired, timeout } = setUp();
    timeout('far').set(200_000);
    let looks = 0;
    const now = clock.now.bind(clock);
    clock.now = () => {
      if (++looks > 100_000) throw new Error('the wheel spins');
      return now();
    };
    clock.advance(510 * TICK);
    clock.stall(late * TICK);
    expect(fired).toEqual([]);
    expect(wheel.size).toBe(1);
    clock.advance(200_000);
    expect(fired).toEqual(['far']);
  });

  test('does not move entries that are set to later again and again', () => {
    const { clock, wheel, timeout } = setUp();
    const one = timeout('one');
    one.set(5000);
    const { slot } = one;
    for (let turn = 0; turn < 20; turn++) {
      clock.advance(TICK);
      one.set(5000);
    }
    expect(one.slot).toBe(slot);
    expect(wheel.size).toBe(1);
  });

  test('keeps every timeout: never early, at most two ticks late, whatever the order of sets, clears and stalls', () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('set' as const), at: fc.nat(7), ms: fc.integer({ min: 1, max: 60_000 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'remove' as const), at: fc.nat(7), ms: fc.constant(0) }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), at: fc.constant(0), ms: fc.nat(40_000) }) },
    );
    fc.assert(
      fc.property(fc.nat(200), fc.array(step, { maxLength: 60 }), (start, steps) => {
        const clock = new ManualClock(start + 0.25);
        const wheel = new Wheel(clock, TICK);
        // The naive list: when each is due.
        const due = new Map<number, number>();
        const wrong: string[] = [];
        const timeouts = Array.from({ length: 8 }, (_, at) =>
          wheel.timeout(() => {
            const late = clock.now() - (due.get(at) ?? Number.POSITIVE_INFINITY);
            if (!(late >= 0 && late <= 2 * TICK)) wrong.push(`${at} is ${late} ms late`);
            due.delete(at);
          }),
        );
        for (const { do: what, at, ms } of steps) {
          if (what === 'pass') clock.advance(ms);
          else if (what === 'set') {
            due.set(at, clock.now() + ms);
            timeouts[at]?.set(ms);
          } else {
            due.delete(at);
            timeouts[at]?.[what]();
          }
        }
        clock.advance(60_000 + 2 * TICK);
        expect(wrong).toEqual([]);
        expect([...due.keys()]).toEqual([]);
        expect(wheel.size).toBe(0);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
