import { beforeEach, describe, expect, test } from 'vitest';
import type { Sighting } from '../../src/fleet/beat-reply.ts';
import { Beats } from '../../src/fleet/beats.ts';

let told: string[];
let beats: Beats;
let now: number;

beforeEach(() => {
  told = [];
  now = 1000;
  beats = new Beats('m', 5000, 1000, (change) => {
    for (const kind of ['joined', 'left', 'died'] as const) for (const id of change[kind]) told.push(`${id} ${kind}`);
  });
});

/** A look a second after the one before. */
function look(...list: Sighting[]): void {
  now += 1000;
  beats.look(list, now);
}

describe('Alive is', () => {
  test('the observer itself, whatever the list says', () => {
    look(['m', 'left']);
    for (let i = 0; i < 20; i++) look();
    expect(beats.living()).toEqual(['m']);
    expect(told).toEqual([]);
  });

  test('who is found, for member_ttl, even if it has long been dead', () => {
    for (let i = 0; i < 5; i++) look(['a', 7]);
    expect(beats.living()).toEqual(['a', 'm']);
    look(['a', 7]);
    expect(beats.living()).toEqual(['m']);
    expect(told).toEqual(['a joined', 'a died']);
  });

  test('whose number grows within member_ttl', () => {
    for (let i = 0; i < 100; i++) look(['a', Math.floor(i / 4)], ['z', i]);
    expect(beats.living()).toEqual(['a', 'm', 'z']);
  });

  test('who was taken for dead and beats again', () => {
    for (let i = 0; i < 6; i++) look(['a', 7]);
    look(['a', 8]);
    expect(told).toEqual(['a joined', 'a died', 'a joined']);
  });
});

describe('Not alive is', () => {
  test('who has left: at once', () => {
    look(['a', 7]);
    look(['a', 'left']);
    expect(told).toEqual(['a joined', 'a left']);
  });

  test('who has left and beats again: its beats were late', () => {
    look(['a', 'left']);
    look(['a', 9]);
    look(['a', 10]);
    expect(beats.living()).toEqual(['m']);
    expect(told).toEqual([]);
  });

  test('the dead one whom an older copy of the data has', () => {
    for (let i = 0; i < 6; i++) look(['a', 7]);
    look();
    look(['a', 5]);
    look(['a', 7]);
    expect(told).toEqual(['a joined', 'a died']);
  });

  test('whose number only gets smaller', () => {
    for (let i = 7; i > 1; i--) look(['a', i]);
    expect(beats.living()).toEqual(['m']);
  });
});

describe('Who is not in the list, without having left,', () => {
  test('has the rest of its time to come back', () => {
    look(['a', 7]);
    for (let i = 0; i < 4; i++) look();
    expect(beats.living()).toEqual(['a', 'm']);
    look(['a', 8]);
    for (let i = 0; i < 4; i++) look();
    expect(beats.living()).toEqual(['a', 'm']);
    look();
    expect(told).toEqual(['a joined', 'a died']);
  });
});

describe('No time passes', () => {
  test('while there is no contact', () => {
    look(['a', 7]);
    beats.lost();
    now += 3_600_000;
    for (let i = 0; i < 5; i++) look();
    expect(beats.living()).toEqual(['a', 'm']);
    look();
    expect(beats.living()).toEqual(['m']);
  });

  test('over two looks in a row that were not answered', () => {
    look(['a', 7]);
    beats.missed();
    beats.missed();
    now += 100_000;
    for (let i = 0; i < 5; i++) look();
    expect(beats.living()).toEqual(['a', 'm']);
  });

  test('while the observer is stopped, but for what a look may show', () => {
    look(['a', 7]);
    now += 100_000;
    for (let i = 0; i < 4; i++) look();
    expect(beats.living()).toEqual(['a', 'm']);
    look();
    expect(beats.living()).toEqual(['m']);
  });
});

test('Every second look may fail, and the dead are seen all the same', () => {
  look(['a', 7]);
  for (let i = 0; i < 4; i++) {
    now += 1000;
    beats.missed();
    look(['a', 7]);
  }
  expect(beats.living()).toEqual(['m']);
});

test('Who was only found does not count as beating yet', () => {
  look(['a', 7], ['b', 7]);
  expect(beats.beating).toBe(1);
  look(['a', 8], ['b', 7]);
  expect(beats.beating).toBe(2);
  expect(beats.living()).toHaveLength(3);
});

test('Its patience ends when the most silent one would be dead', () => {
  expect(beats.patience).toBe(Number.POSITIVE_INFINITY);
  look(['a', 7], ['b', 7]);
  expect(beats.patience).toBe(5000);
  look(['a', 8], ['b', 7]);
  look(['a', 9], ['b', 7]);
  expect(beats.patience).toBe(3000);
  beats.look([], now + 3000 - 1);
  expect(beats.living()).toContain('b');
});

test('Who is gone is forgotten when no copy of the data can have it any more', () => {
  look(['a', 'left']);
  now += 7_300_000;
  look();
  look(['a', 1]);
  expect(told).toEqual(['a joined']);
});
