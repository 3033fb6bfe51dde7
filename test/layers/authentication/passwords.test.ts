import { describe, expect, test } from 'vitest';
import { Passwords } from '../../../src/layers/authentication/passwords.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { passwordHash } from './consumer-of.ts';

const RIGHT = passwordHash('right');
const OTHER = passwordHash('other');
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Passwords whose computations end when the test says so. */
function setUp() {
  const clock = new ManualClock();
  const asked: { password: string; end: (hash?: Buffer) => void; fail: (error: Error) => void }[] = [];
  const passwords = new Passwords(
    clock,
    (password) => new Promise((end, fail) => asked.push({ password, end: (hash = bytesOf(RIGHT.hash)) => end(hash), fail })),
  );
  return { clock, asked, passwords };
}

const bytesOf = (text: string) => Buffer.from(text, 'base64url');
const WRONG = Buffer.alloc(32);

describe('A password', () => {
  test('fits its hash and no other', async () => {
    const passwords = new Passwords(new ManualClock());
    expect(await passwords.fits('right', RIGHT, 'a')).toBe(true);
    expect(await passwords.fits('wrong', RIGHT, 'a')).toBe(false);
    expect(await passwords.fits('right', OTHER, 'a')).toBe(false);
  });

  test('that was right is known at once for five minutes, and no longer', async () => {
    const { clock, asked, passwords } = setUp();
    const first = passwords.fits('right', RIGHT, 'a');
    await settle();
    asked[0]?.end();
    expect(await first).toBe(true);
    clock.advance(299_999);
    expect(passwords.fits('right', RIGHT, 'a')).toBe(true);
    clock.advance(1);
    expect(passwords.fits('right', RIGHT, 'a')).toBeInstanceOf(Promise);
  });

  test('that was right says nothing about another password or another hash', async () => {
    const passwords = new Passwords(new ManualClock());
    await passwords.fits('right', RIGHT, 'a');
    expect(passwords.fits('Right', RIGHT, 'a')).toBeInstanceOf(Promise);
    expect(passwords.fits('right', OTHER, 'a')).toBeInstanceOf(Promise);
  });

  test('that was wrong is tried again', async () => {
    const { asked, passwords } = setUp();
    const first = passwords.fits('wrong', RIGHT, 'a');
    await settle();
    asked[0]?.end(WRONG);
    expect(await first).toBe(false);
    expect(passwords.fits('wrong', RIGHT, 'a')).toBeInstanceOf(Promise);
  });

  test('that many show at a time is computed once', async () => {
    const { asked, passwords } = setUp();
    const all = Array.from({ length: 500 }, (_, at) => passwords.fits('right', RIGHT, `client ${at}`));
    await settle();
    expect([asked.length, passwords.waiting]).toEqual([1, 0]);
    asked[0]?.end();
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
  });

  test('that cannot be computed is unavailable, not wrong, and can be tried again', async () => {
    const { asked, passwords } = setUp();
    const first = passwords.fits('right', RIGHT, 'a');
    await settle();
    asked[0]?.fail(new Error('no memory'));
    await expect(first).rejects.toMatchObject({ code: 'identity_unavailable', status: 503 });
    const second = passwords.fits('right', RIGHT, 'a');
    await settle();
    asked[1]?.end();
    expect(await second).toBe(true);
  });
});

describe('Many passwords', () => {
  test('are computed two at a time, in their order', async () => {
    const { asked, passwords } = setUp();
    const all = Promise.allSettled(['a', 'b', 'c', 'd'].map((password) => passwords.fits(password, RIGHT, password)));
    await settle();
    expect([asked.map(({ password }) => password), passwords.waiting]).toEqual([['a', 'b'], 2]);
    asked[1]?.end(WRONG);
    await settle();
    expect([asked.map(({ password }) => password), passwords.waiting]).toEqual([['a', 'b', 'c'], 1]);
    asked[0]?.end(WRONG);
    asked[2]?.fail(new Error('broken'));
    await settle();
    asked[3]?.end();
    expect((await all).map((one) => ('value' in one ? one.value : 'failed'))).toEqual([false, false, 'failed', true]);
    const later = passwords.fits('e', RIGHT, 'e');
    await settle();
    expect([asked.length, passwords.waiting]).toEqual([5, 0]);
    asked[4]?.end(WRONG);
    expect(await later).toBe(false);
  });

  test('of one client wait at most eight, so that others have a place', async () => {
    const { asked, passwords } = setUp();
    const guess = (at: number, from: string) => passwords.fits(`${from} ${at}`, RIGHT, from);
    const flights = Array.from({ length: 10 }, (_, at) => guess(at, 'guesser'));
    expect(() => guess(10, 'guesser')).toThrow(expect.objectContaining({ code: 'identity_unavailable', retryAfter: 1 }));
    flights.push(guess(0, 'other') as Promise<boolean>);
    expect(passwords.waiting).toBe(9);
    await settle();
    asked[0]?.end(WRONG);
    await settle();
    flights.push(guess(10, 'guesser') as Promise<boolean>);
    expect(() => guess(11, 'guesser')).toThrow(/wait/);
    for (let at = 1; at < 12; at++) {
      asked[at]?.end(WRONG);
      await settle();
    }
    expect(await Promise.all(flights)).toEqual(Array(12).fill(false));
    expect(passwords.waiting).toBe(0);
  });

  test('wait at most 32 of all clients together, and those that are known pass by', async () => {
    const { asked, passwords } = setUp();
    const known = passwords.fits('right', RIGHT, 'alice');
    await settle();
    asked[0]?.end();
    await known;
    for (let at = 0; at < 34; at++) void passwords.fits(`guess ${at}`, RIGHT, `client ${at}`);
    expect(passwords.waiting).toBe(32);
    expect(() => passwords.fits('guess', RIGHT, 'client')).toThrow(expect.objectContaining({ code: 'identity_unavailable' }));
    expect(passwords.fits('right', RIGHT, 'alice')).toBe(true);
  });

  test('are remembered up to a bound: the oldest is forgotten first', async () => {
    const passwords = new Passwords(new ManualClock(), () => Promise.resolve(bytesOf(RIGHT.hash)));
    for (let at = 0; at <= 10_000; at++) await passwords.fits(`password ${at}`, RIGHT, 'a');
    expect(passwords.fits('password 1', RIGHT, 'a')).toBe(true);
    expect(passwords.fits('password 0', RIGHT, 'a')).toBeInstanceOf(Promise);
  });
});
