import { describe, expect, test } from 'vitest';
import { inSlices } from '../../src/lib/slices.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Work of so many steps, each of which takes a millisecond, that says how far it is. */
function* counting(steps: number, clock: ManualClock, done: (at: number) => void): Generator<void, string> {
  for (let at = 1; at <= steps; at++) {
    clock.advance(1);
    done(at);
    yield;
  }
  return 'all';
}

describe('Work in slices', () => {
  test('gives others their turn after each two milliseconds', async () => {
    const clock = new ManualClock();
    let at = 0;
    const seen: number[] = [];
    const result = inSlices(
      counting(10, clock, (step) => {
        at = step;
      }),
      clock,
    );
    seen.push(at);
    while (at < 10) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(at);
    }
    expect(await result).toBe('all');
    expect(seen).toEqual([2, 4, 6, 8, 10]);
  });

  test('takes as much in a row as it is told', async () => {
    const clock = new ManualClock();
    let at = 0;
    const result = inSlices(
      counting(10, clock, (step) => {
        at = step;
      }),
      clock,
      100,
    );
    expect(at).toBe(10);
    expect(await result).toBe('all');
  });

  test('lets sockets and timers in between, which promises alone would not', async () => {
    const clock = new ManualClock();
    let timer = false;
    setTimeout(() => {
      timer = true;
    });
    function* until(): Generator<void, number> {
      let turns = 0;
      for (; !timer; turns++) {
        clock.advance(10);
        yield;
      }
      return turns;
    }
    expect(await inSlices(until(), clock)).toBeGreaterThan(0);
  });

  test('rejects with what a step throws', async () => {
    const clock = new ManualClock();
    function* failing(): Generator<void, void> {
      clock.advance(10);
      yield;
      throw new RangeError('a slip');
    }
    await expect(inSlices(failing(), clock)).rejects.toThrow('a slip');
  });
});
