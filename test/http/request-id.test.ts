import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRequestId, RequestIds } from '../../src/http/request-id.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('Request ids', () => {
  test('are 22 characters of time, maker and count', () => {
    const ids = new RequestIds(new ManualClock(0, 0), 1);
    expect(ids.next()).toBe('0000000000000001000000');
    expect(ids.next()).toBe('0000000000000001000001');
    const later = new RequestIds(new ManualClock(0, 1024 ** 4 + 31), 2 ** 30 - 1);
    expect(later.next()).toBe('010000000ZZZZZZZ000000');
  });

  test('use a random name of 30 bits when none is given', () => {
    const clock = new ManualClock();
    const names = new Set(Array.from({ length: 20 }, () => new RequestIds(clock).next().slice(10, 16)));
    expect(names.size).toBeGreaterThan(15);
  });

  test('are unique and sorted as long as the clock goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 2, maxLength: 300 }), fc.nat(), (pauses, random) => {
        const clock = new ManualClock();
        const ids = new RequestIds(clock, random);
        const made = pauses.map((ms) => {
          clock.advance(ms);
          return ids.next();
        });
        expect(new Set(made).size).toBe(made.length);
        expect([...made].sort()).toEqual(made);
        expect(made.every((id) => isRequestId(id) && id.length === 22)).toBe(true);
      }),
    );
  });

  test('are unique even when the clock steps back to a time it has shown before', () => {
    const clock = new ManualClock();
    const ids = new RequestIds(clock, 7);
    const made: string[] = [];
    for (const ms of [0, 1, -1, 0, 1, -1]) {
      clock.advance(ms);
      made.push(ids.next(), ids.next());
    }
    expect(new Set(made).size).toBe(made.length);
  });

  test('start their count over after 2^30', () => {
    const ids = new RequestIds(new ManualClock(0, 0), 0);
    Object.assign(ids, { counter: 1024 ** 3 - 1 });
    expect([ids.next(), ids.next()].map((id) => id.slice(-6))).toEqual(['ZZZZZZ', '000000']);
  });

  test('carry over from digit to digit', () => {
    const ids = new RequestIds(new ManualClock(0, 0), 0);
    const made = Array.from({ length: 1026 }, () => ids.next().slice(-6));
    expect([made[31], made[32], made[1023], made[1024]]).toEqual(['00000Z', '000010', '0000ZZ', '000100']);
  });
});

describe('An id from somebody else', () => {
  test.each(['a', 'A-1_b.c~d:e/f+g=', 'x'.repeat(128)])('may be %j', (text) => expect(isRequestId(text)).toBe(true));

  test.each(['', ' ', 'a b', 'a,b', 'x'.repeat(129), 'a\n', '"a"', 'ä', '{}'])('may not be %j', (text) =>
    expect(isRequestId(text)).toBe(false),
  );
});
