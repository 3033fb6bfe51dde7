import { describe, expect, test } from 'vitest';
import { Quiet } from '../../src/lib/quiet.ts';
import { ManualClock } from '../support/manual-clock.ts';

function open() {
  const clock = new ManualClock(0);
  const settled: number[] = [];
  const quiet = new Quiet(clock, 100, 1000, () => settled.push(clock.now()));
  return { clock, settled, quiet };
}

describe('Many notices', () => {
  test('become one when there has been none for a while', () => {
    const { clock, settled, quiet } = open();
    for (let at = 0; at < 3; at++) {
      quiet.notice();
      clock.advance(99);
    }
    expect(settled).toEqual([]);
    clock.advance(1000);
    expect(settled).toEqual([298]);
    quiet.notice();
    clock.advance(1000);
    expect(settled).toEqual([298, 1397]);
  });

  test('do not put it off for ever', () => {
    const { clock, settled, quiet } = open();
    for (let at = 0; at < 30; at++) {
      quiet.notice();
      clock.advance(90);
    }
    expect(settled).toEqual([1000, 2080]);
  });

  test('are forgotten at the end', () => {
    const { clock, settled, quiet } = open();
    quiet.notice();
    quiet.close();
    expect(clock.pending).toBe(0);
    clock.advance(1000);
    expect(settled).toEqual([]);
  });
});
