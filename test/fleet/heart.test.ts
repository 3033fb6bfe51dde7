import { describe, expect, test } from 'vitest';
import { Heart } from '../../src/fleet/heart.ts';
import { ManualClock } from '../support/manual-clock.ts';

const turns = async () => {
  for (let i = 0; i < 5; i++) await undefined;
};

function setUp({ random = 0.5, patience = Number.POSITIVE_INFINITY } = {}) {
  const clock = new ManualClock(0);
  const at: number[] = [];
  let flying = 0;
  const landings: (() => void)[] = [];
  const state = { holds: false, most: 0 };
  const heart = new Heart({
    ...{ clock, heartbeat: 1000, random: () => random, patience: () => patience },
    beat: async () => {
      at.push(clock.now());
      flying += 1;
      state.most = Math.max(state.most, flying);
      if (state.holds) await new Promise<void>((resolve) => landings.push(resolve));
      flying -= 1;
    },
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) {
      clock.advance(Math.min(10, left));
      await turns();
    }
  };
  return { clock, at, heart, pass, state, land: () => landings.shift()?.() };
}

test('It beats at once, and then each heartbeat', async () => {
  const { heart, at, pass } = setUp();
  heart.start();
  await turns();
  await pass(3500);
  expect(at).toEqual([0, 1000, 2000, 3000]);
});

test.each([
  [0, [0, 900, 1800]],
  [0.999999, [0, 1100, 2200]],
])('Chance %d moves beats by a tenth of a heartbeat at most', async (random, expected) => {
  const { heart, at, pass } = setUp({ random });
  heart.start();
  await turns();
  await pass(2500);
  expect(at.map(Math.round)).toEqual(expected);
});

test('It beats sooner when there is something to be seen sooner, but does not run wild', async () => {
  const eager = setUp({ patience: 420.5 });
  eager.heart.start();
  await turns();
  await eager.pass(500);
  expect(eager.at).toEqual([0, 422]);
  const wild = setUp({ patience: 0 });
  wild.heart.start();
  await turns();
  await wild.pass(1000);
  expect(wild.at).toHaveLength(6);
});

describe('An early beat', () => {
  test('comes once for many reasons, a little later, and starts the heartbeat anew', async () => {
    const { heart, at, pass } = setUp();
    heart.start();
    await turns();
    await pass(500);
    for (let i = 0; i < 100; i++) heart.soon();
    await pass(1100);
    expect(at).toEqual([0, 550, 1550]);
  });

  test('keeps its distance from the beat before', async () => {
    const { heart, at, pass } = setUp();
    heart.start();
    await turns();
    heart.soon();
    await pass(300);
    expect(at).toEqual([0, 200]);
  });

  test('makes no beat later', async () => {
    const { heart, at, pass } = setUp();
    heart.start();
    await turns();
    await pass(990);
    heart.soon();
    await pass(100);
    expect(at).toEqual([0, 1000]);
  });
});

test('One beat is in flight at a time, and one more follows it', async () => {
  const { heart, at, pass, state, land } = setUp();
  state.holds = true;
  heart.start();
  await pass(100);
  heart.now();
  heart.now();
  await pass(2000);
  expect(at).toEqual([0]);
  land();
  await turns();
  expect(at).toEqual([0, 2100]);
  land();
  await pass(200);
  expect(state.most).toBe(1);
  expect(at).toHaveLength(2);
});

test('Stopped, it beats no more, and says when the last beat has landed', async () => {
  const { heart, at, pass, state, clock, land } = setUp();
  state.holds = true;
  heart.start();
  heart.now();
  let hasStopped = false;
  const stopped = heart.stop().then(() => {
    hasStopped = true;
  });
  await pass(50);
  expect(hasStopped).toBe(false);
  land();
  await stopped;
  heart.now();
  heart.soon();
  await pass(5000);
  expect(at).toEqual([0]);
  expect(clock.pending).toBe(0);
});
