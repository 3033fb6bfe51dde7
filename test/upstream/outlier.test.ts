import { describe, expect, test } from 'vitest';
import type { OutlierConfig } from '../../src/upstream/config.ts';
import { OutlierDetector } from '../../src/upstream/outlier.ts';
import { ManualClock } from '../support/manual-clock.ts';

const CONFIG: OutlierConfig = { consecutive_failures: 3, interval: 10_000, base_ejection: 30_000, max_ejected: 0.5 };
const ALL = ['a', 'b', 'c', 'd'];

function setUp(config: Partial<OutlierConfig> = {}, targets = ALL) {
  const clock = new ManualClock();
  const told: string[] = [];
  const away = new Set<string>();
  const detector = new OutlierDetector<string>({ ...CONFIG, ...config }, clock, (target, { ready, reason }) => {
    told.push(`${target} ${ready ? 'ready' : reason}`);
    if (ready) away.delete(target);
    else away.add(target);
  });
  detector.update(targets);
  const fail = (target: string, times = CONFIG.consecutive_failures) => {
    for (let time = 0; time < times; time++) detector.failed(target);
  };
  /** Ejects it, and measures for how long. */
  const ejection = (target: string) => {
    fail(target);
    const start = clock.now();
    while (away.has(target)) clock.advance(1000);
    return clock.now() - start;
  };
  return { clock, told, away, detector, fail, ejection };
}

describe('A target', () => {
  test('is ejected when it has failed so many times in a row, and comes back after its time', () => {
    const { clock, told, fail } = setUp();
    fail('a', 2);
    expect(told).toEqual([]);
    fail('a', 1);
    expect(told).toEqual(['a 3 failures in a row: ejected for 30s']);
    clock.advance(29_999);
    expect(told).toHaveLength(1);
    clock.advance(1);
    expect(told.slice(1)).toEqual(['a ready']);
    expect(clock.pending).toBe(0);
  });

  test('that does well in between is not', () => {
    const { told, detector, fail } = setUp();
    for (let time = 0; time < 5; time++) {
      fail('a', 2);
      detector.succeeded('a');
    }
    expect(told).toEqual([]);
  });

  test('begins anew when it comes back, whatever it did while it was away', () => {
    const { clock, told, fail } = setUp();
    fail('a', 10);
    clock.advance(30_000);
    fail('a', 2);
    expect(told).toHaveLength(2);
  });

  test('that is ejected again and again is away longer each time, ten times as long at most', () => {
    const { ejection } = setUp();
    const times = Array.from({ length: 12 }, () => ejection('a') / 30_000);
    expect(times).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
  });

  test('is forgiven one ejection with each interval without one', () => {
    const { clock, ejection } = setUp();
    for (let time = 0; time < 4; time++) ejection('a');
    clock.advance(20_000);
    expect(ejection('a')).toBe(3 * 30_000);
    clock.advance(9000);
    expect(ejection('a')).toBe(4 * 30_000);
    clock.advance(1_000_000);
    expect(ejection('a')).toBe(30_000);
  });

  test('nobody knows counts for nothing', () => {
    const { told, detector, fail } = setUp();
    fail('x', 10);
    detector.succeeded('x');
    expect(told).toEqual([]);
  });
});

describe('Of all targets', () => {
  test.each([
    [1, 1, 0],
    [2, 0.1, 1],
    [2, 0, 0],
    [4, 0.5, 2],
    [5, 0.5, 2],
    [3, 1, 3],
    [100, 0.29, 29],
  ])('%d with a share of %d at most %d are away at a time', (count, share, most) => {
    const targets = Array.from({ length: count }, (_, at) => `t${at}`);
    const { away, fail } = setUp({ max_ejected: share }, targets);
    for (const target of targets) fail(target);
    expect(away.size).toBe(most);
  });

  test('one that goes on failing is ejected as soon as another is back', () => {
    const { clock, away, fail } = setUp({ max_ejected: 0.25 });
    fail('a');
    clock.advance(10_000);
    fail('b');
    expect([...away]).toEqual(['a']);
    clock.advance(20_000);
    fail('b', 1);
    expect([...away]).toEqual(['b']);
  });
});

describe('When targets change', () => {
  test('those that stay keep their failures, and stay away for their time', () => {
    const { clock, told, detector, fail } = setUp();
    fail('a');
    fail('b', 2);
    clock.advance(10_000);
    detector.update(['b', 'a', 'e', 'f']);
    fail('b', 1);
    expect(told).toHaveLength(2);
    clock.advance(20_000);
    expect(told.at(-1)).toBe('a ready');
  });

  test('one that is taken off the list is forgotten: its return is news to nobody', () => {
    const { clock, told, detector, fail } = setUp();
    fail('a');
    detector.update(['b', 'c']);
    expect([told.length, clock.pending]).toEqual([1, 0]);
    detector.update(ALL);
    fail('a', 2);
    expect(told).toHaveLength(1);
  });

  test('so that fewer may be away, those that were ejected first come back', () => {
    const { clock, told, away, detector, fail } = setUp();
    fail('b');
    fail('a');
    detector.update(['a', 'b', 'c']);
    expect([...away]).toEqual(['a']);
    detector.update(['a']);
    expect([...away]).toEqual([]);
    expect(told.slice(2)).toEqual(['b ready', 'a ready']);
    clock.advance(100_000);
    expect(told).toHaveLength(4);
  });

  test('nobody is told anything after the end', () => {
    const { clock, told, detector, fail } = setUp();
    fail('a');
    detector.close();
    fail('b');
    clock.advance(100_000);
    expect([told.length, clock.pending]).toEqual([1, 0]);
  });
});
