import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ErrorWindow } from '../../../src/upstream/circuits/error-window.ts';

const WINDOW = 10_000;
let window: ErrorWindow;
beforeEach(() => {
  window = new ErrorWindow(500);
});
const counts = (now: number, length = WINDOW) => Object.values(window.counts(length, now)).join(' of ');

describe('The window', () => {
  test('counts requests, and failures among them', () => {
    window.succeeded(WINDOW, 500);
    window.failed(WINDOW, 600);
    window.succeeded(WINDOW, 9000);
    expect(window.counts(WINDOW, 9000)).toEqual({ requests: 3, failures: 1 });
  });

  test.each([0, 1, 499, 999])(
    'has a failure for nine tenths of its length, and for all of it at most (%i ms into a bucket)',
    (into) => {
      window.failed(WINDOW, 500 + into);
      expect(counts(500 + into + 9000)).toBe('1 of 1');
      expect(counts(500 + into + 10_000)).toBe('0 of 0');
    },
  );

  test('is empty after a long time, however long', () => {
    window.failed(WINDOW, 700);
    expect(counts(1e12)).toBe('0 of 0');
    window.failed(WINDOW, 1e12);
    expect(counts(1e12 + 8000)).toBe('1 of 1');
  });

  test('keeps what it has when its length changes, for as long as the new one says', () => {
    window.failed(WINDOW, 1000);
    expect(counts(2000, 60_000)).toBe('1 of 1');
    expect(counts(50_000, 60_000)).toBe('1 of 1');
    expect(counts(50_001, 1000)).toBe('0 of 0');
    window.failed(WINDOW, 50_002);
    expect(counts(50_003, 1000)).toBe('1 of 1');
  });

  test('stands still while its clock does, and when that is read in another order', () => {
    window.failed(WINDOW, 3000);
    expect([counts(3000), counts(2000)]).toEqual(['1 of 1', '1 of 1']);
  });

  test('begins anew with closing, not with opening', () => {
    window.failed(WINDOW, 600);
    window.open();
    expect(counts(600)).toBe('1 of 1');
    window.close();
    expect(counts(600)).toBe('0 of 0');
    window.failed(WINDOW, 600);
    expect(counts(600)).toBe('1 of 1');
  });

  test('has no timer of its own, and is never half-open by itself', () => {
    vi.useFakeTimers();
    try {
      const fresh = new ErrorWindow(0);
      fresh.failed(WINDOW, 0);
      fresh.open();
      expect(vi.getTimerCount()).toBe(0);
      fresh.close();
      fresh.open();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
