import { expect, test } from 'vitest';
import { Deadlines } from '../../src/redis/deadlines.ts';
import { ManualClock } from '../support/manual-clock.ts';

function setUp() {
  const clock = new ManualClock(0);
  const deadlines = new Deadlines(clock, 100);
  const ended: string[] = [];
  const begin = (name: string) => {
    const waiting = {
      deadline: clock.now() + 100,
      late: (counts: boolean) => void ended.push(`${name} at ${clock.now()}${counts ? '' : ', for nothing'}`),
    };
    deadlines.add(waiting);
    return waiting;
  };
  return { clock, deadlines, ended, begin };
}

test('Each wait ends at its own time, with one timer for all', () => {
  const { clock, ended, begin } = setUp();
  begin('a');
  clock.advance(30);
  begin('b');
  clock.advance(30);
  begin('c');
  expect(clock.pending).toBe(1);
  clock.advance(500);
  expect(ended).toEqual(['a at 100', 'b at 130', 'c at 160']);
  expect(clock.pending).toBe(0);
});

test('What was answered does not end, and those after it do', () => {
  const { clock, deadlines, ended, begin } = setUp();
  const a = begin('a');
  clock.advance(50);
  begin('b');
  deadlines.delete(a);
  clock.advance(500);
  expect(ended).toEqual(['b at 150']);
  begin('c');
  clock.advance(500);
  expect(ended).toEqual(['b at 150', 'c at 650']);
});

test('When the event loop stood still, one end counts and not all of them', () => {
  const { clock, ended, begin } = setUp();
  for (const name of ['a', 'b', 'c']) begin(name);
  clock.stall(2000);
  expect(ended).toEqual(['a at 2000', 'b at 2000, for nothing', 'c at 2000, for nothing']);
  begin('d');
  clock.stall(110);
  expect(ended.slice(3)).toEqual(['d at 2110']);
});

test('Nothing ends after it was closed', () => {
  const { clock, deadlines, ended, begin } = setUp();
  begin('a');
  deadlines.close();
  clock.advance(500);
  expect(ended).toEqual([]);
  expect(clock.pending).toBe(0);
});
