import { beforeEach, describe, expect, test } from 'vitest';
import { Health } from '../../src/redis/health.ts';
import type { StoreState } from '../../src/redis/store.ts';
import { ManualClock } from '../support/manual-clock.ts';

let clock: ManualClock;
let told: string[];
let health: Health;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  const changed = ({ condition, reason }: StoreState) => void told.push(reason === '' ? condition : `${condition}: ${reason}`);
  health = new Health({ clock, limit: 100, random: () => 0, changed });
});

function up(): void {
  health.worked(1);
  told.length = 0;
}

test('It is down until something was written', () => {
  expect(health.state).toEqual({ condition: 'down', reason: 'not connected yet', since: 1000 });
  health.answered(1);
  expect(health.isDown).toBe(true);
  clock.advance(5);
  health.worked(1);
  expect(health.state).toEqual({ condition: 'up', reason: '', since: 1005 });
  expect(told).toEqual(['up']);
});

describe('Commands without an answer', () => {
  test('make it down when there are three in a row', () => {
    up();
    health.missed();
    health.missed();
    expect(told).toEqual([]);
    health.missed();
    expect(told).toEqual(['down: no answer within 100 ms, 3 times in a row']);
    expect(health.state.since).toBe(clock.now());
  });

  test('do not while others are answered in between', () => {
    up();
    for (let i = 0; i < 20; i++) {
      health.missed();
      health.missed();
      health.answered(1);
    }
    expect(health.isDown).toBe(false);
  });

  test('count for each node of a cluster alone: the answers of another are no sign', () => {
    up();
    for (let i = 0; i < 3; i++) {
      health.answered(1, 'b:1');
      health.missed('a:1');
    }
    expect(told).toEqual(['down: no answer within 100 ms, 3 times in a row at a:1']);
  });

  test('make it be looked at soon', () => {
    up();
    expect(health.nextLook()).toBe(1000);
    health.missed();
    expect(health.nextLook()).toBe(100);
  });

  test('want two good looks in a row', () => {
    up();
    for (let i = 0; i < 3; i++) health.missed();
    health.worked(1);
    expect(health.isDown).toBe(true);
    health.failed('no answer');
    health.worked(1);
    expect(health.isDown).toBe(true);
    health.worked(1);
    expect(health.isDown).toBe(false);
  });
});

describe('A connection that is lost', () => {
  test('makes it down at once, and one good look brings it back', () => {
    up();
    health.broken('gone');
    expect(told).toEqual(['down: gone']);
    health.worked(1);
    expect(told).toEqual(['down: gone', 'up']);
  });

  test('is told once: those who had something in flight say it too, and less well', () => {
    up();
    health.broken('the connection is lost: ECONNRESET');
    for (let i = 0; i < 5; i++) health.broken('Connection is closed.');
    health.missed();
    health.answered(1);
    expect(told).toEqual(['down: the connection is lost: ECONNRESET']);
  });

  test('has the newest reason that a look finds, and lasts since it began', () => {
    up();
    health.broken('gone');
    const { since } = health.state;
    clock.advance(500);
    health.failed('ECONNREFUSED');
    health.failed('ECONNREFUSED');
    health.failed('LOADING');
    expect(told).toEqual(['down: gone', 'down: ECONNREFUSED', 'down: LOADING']);
    expect(health.state.since).toBe(since);
  });
});

describe('Latency', () => {
  test('above half of what is waited for is slow, and well below it is not', () => {
    up();
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      health.answered(70);
    }
    expect(told).toEqual(['slow: answers take about 51 ms of the 100 ms that are waited for']);
    expect(health.latency).toBeGreaterThan(60);
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      health.answered(45);
    }
    expect(told).toHaveLength(1);
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      health.answered(5);
    }
    expect(told.slice(1)).toEqual(['up']);
  });

  test('counts what got no answer as the whole wait', () => {
    up();
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      health.answered(10);
      clock.advance(100);
      health.missed();
    }
    expect(told).toEqual([expect.stringMatching(/^slow: /)]);
  });

  test('is not made of a burst of one moment', () => {
    up();
    clock.advance(10);
    for (let i = 0; i < 1000; i++) health.answered(90);
    expect(health.state.condition).toBe('up');
  });

  test('starts anew after an outage', () => {
    up();
    for (let i = 0; i < 3; i++) health.missed();
    health.worked(2);
    health.worked(2);
    expect(health.latency).toBe(2);
  });
});

describe('Looks at one that is down', () => {
  test('come ever more seldom, from 100 ms to a second, and not all at a time', () => {
    const waits = Array.from({ length: 6 }, () => health.nextLook());
    expect(waits).toEqual([50, 100, 200, 400, 500, 500]);
    const late = new Health({ clock, limit: 100, random: () => 0.999, changed: () => {} });
    expect(late.nextLook()).toBeCloseTo(100, 0);
  });

  test('begin anew after a long time up, and go on where they were after a short one', () => {
    for (let i = 0; i < 5; i++) health.nextLook();
    up();
    clock.advance(2000);
    health.broken('again');
    expect(health.nextLook()).toBe(500);
    up();
    clock.advance(20_000);
    health.broken('again');
    expect(health.nextLook()).toBe(50);
  });
});

test('Silence is the time since an answer', () => {
  expect(health.silence).toBe(Number.POSITIVE_INFINITY);
  up();
  clock.advance(300);
  expect(health.silence).toBe(300);
  health.answered(1);
  expect(health.silence).toBe(0);
});
