import { expect, test } from 'vitest';
import { Wheel } from '../../src/lib/wheel.ts';
import { Stall } from '../../src/wire/stall.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const wheel = new Wheel(clock);
  let expired = 0;
  const stall = new Stall(wheel, () => expired++);
  return { clock, wheel, stall, expired: () => expired };
}

test('a peer that takes nothing for so long is given up', () => {
  const { clock, stall, expired } = setUp();
  stall.begin(1000);
  expect(stall.blocked).toBe(true);
  clock.advance(999);
  expect(expired()).toBe(0);
  clock.advance(101);
  expect([expired(), stall.blocked]).toEqual([1, false]);
});

test('a peer that takes something in time is not', () => {
  const { clock, stall, expired } = setUp();
  for (let time = 0; time < 5; time++) {
    stall.begin(1000);
    clock.advance(900);
    stall.end();
    expect(stall.blocked).toBe(false);
  }
  clock.advance(10_000);
  expect(expired()).toBe(0);
});

test('a peer that never stalls costs no timeout', () => {
  const { wheel, stall, expired } = setUp();
  expect(stall.blocked).toBe(false);
  stall.end();
  stall.remove();
  expect([wheel.size, expired()]).toEqual([0, 0]);
});

test('nothing is left of one that is removed', () => {
  const { wheel, stall } = setUp();
  stall.begin(1000);
  stall.remove();
  expect(wheel.size).toBe(0);
});
