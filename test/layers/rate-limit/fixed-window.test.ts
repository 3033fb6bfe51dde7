import { afterEach, expect, test, vi } from 'vitest';
import { FixedWindows } from '../../../src/layers/rate-limit/fixed-window.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { demandOf, limitBy } from './limits.ts';

afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const clock = new ManualClock();
  const advance = (ms: number) => {
    vi.advanceTimersByTime(ms);
    clock.advance(ms);
  };
  return { windows: new FixedWindows(clock, 100), advance };
}

const demand = (cost = 1, window = 1000) => demandOf(limitBy('fixed_window', 5, window), 'k', cost);

test('A hit that is taken back was none', async () => {
  const { windows } = setUp();
  const hit = await windows.hit(demand(4));
  expect(hit.standing).toEqual({ admits: true, remaining: 1, wait: 0, reset: 1000 });
  await hit.giveBack();
  expect(await windows.look(demand())).toMatchObject({ admits: true, remaining: 5 });
});

test('A window that is over gets nothing back: the next one would be larger', async () => {
  const { windows, advance } = setUp();
  const hit = await windows.hit(demand(4));
  advance(1001);
  await hit.giveBack();
  expect((await windows.hit(demand(5))).standing.admits).toBe(true);
  expect((await windows.hit(demand())).standing.admits).toBe(false);
});

test('Neither does one that is about to be', async () => {
  const { windows, advance } = setUp();
  const hit = await windows.hit(demand(4));
  advance(980);
  await hit.giveBack();
  expect((await windows.look(demand())).remaining).toBe(1);
});

test('What is looked at is not counted, and unknown keys have all', async () => {
  const { windows } = setUp();
  expect(await windows.look(demand())).toEqual({ admits: true, remaining: 5, wait: 0, reset: 0 });
  await windows.hit(demand(3));
  expect(await windows.look(demand(3))).toEqual({ admits: false, remaining: 2, wait: 1000, reset: 1000 });
  expect(await windows.look(demand(2))).toEqual({ admits: true, remaining: 2, wait: 0, reset: 1000 });
});

test('A window of another length counts on, and is as long for those that begin', async () => {
  const { windows, advance } = setUp();
  await windows.hit(demand(5));
  expect((await windows.hit(demand(1, 3000))).standing).toMatchObject({ admits: false, wait: 1000 });
  advance(1000);
  expect((await windows.hit(demand(1, 3000))).standing).toMatchObject({ admits: true, reset: 3000 });
});

test('A window of another length is not forgotten by a sweep', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const windows = new FixedWindows(new ManualClock(), 100);
  const demand = (cost: number, window: number) => demandOf(limitBy('fixed_window', 5, window), 'k', cost);
  await windows.hit(demand(5, 60_000));
  expect((await windows.hit(demand(1, 120_000))).standing.admits).toBe(false);
  windows.sweep();
  expect((await windows.hit(demand(1, 120_000))).standing.admits).toBe(false);
});
