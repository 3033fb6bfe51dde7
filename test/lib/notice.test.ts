import { expect, test } from 'vitest';
import { Notice } from '../../src/lib/notice.ts';
import { ManualClock } from '../support/manual-clock.ts';

test('Who listens hears it once, in order; who has called it off does not', () => {
  const notice = new Notice(new ManualClock());
  const heard: string[] = [];
  notice.on(() => heard.push('first'));
  const off = notice.on(() => heard.push('nobody'));
  notice.on(() => heard.push('last'));
  off();
  off();
  expect([notice.announced, heard]).toEqual([false, []]);
  notice.announce();
  notice.announce();
  expect([notice.announced, heard]).toEqual([true, ['first', 'last']]);
});

test('Who comes late hears it at once', () => {
  const notice = new Notice(new ManualClock());
  notice.announce();
  let heard = 0;
  const off = notice.on(() => {
    heard += 1;
  });
  off();
  expect(heard).toBe(1);
});

test('Many hear it a few hundred at a time, ten thousand within a second or so', () => {
  const clock = new ManualClock();
  const notice = new Notice(clock);
  let heard = 0;
  const offs = Array.from({ length: 10_000 }, () =>
    notice.on(() => {
      heard += 1;
    }),
  );
  notice.announce();
  expect(heard).toBe(256);
  clock.advance(25);
  expect(heard).toBe(512);
  // Who leaves meanwhile is not waited for.
  for (const off of offs.slice(-1000)) off();
  clock.advance(1000);
  expect([heard, clock.pending]).toEqual([9000, 0]);
});

test('A listener may call off another that has not heard it yet', () => {
  const notice = new Notice(new ManualClock());
  let heard = 0;
  notice.on(() => off());
  const off = notice.on(() => {
    heard += 1;
  });
  notice.announce();
  expect(heard).toBe(0);
});
