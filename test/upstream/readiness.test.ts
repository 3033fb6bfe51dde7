import { describe, expect, test } from 'vitest';
import { READY, Readiness } from '../../src/upstream/readiness.ts';

describe('An endpoint', () => {
  test('is ready until somebody says otherwise, and says who', () => {
    const readiness = new Readiness();
    expect([readiness.ready, readiness.reachable, readiness.reason]).toEqual([true, true, '']);
    readiness.outlier = { ready: false, reason: 'ejected' };
    expect([readiness.ready, readiness.reason]).toEqual([false, 'ejected']);
    readiness.health = { ready: false, reason: 'http /: 503' };
    expect([readiness.ready, readiness.reason]).toEqual([false, 'http /: 503']);
    readiness.health = readiness.outlier = READY;
    expect([readiness.ready, readiness.reason]).toEqual([true, '']);
  });

  test('whose circuit is open is not ready, and shut whatever the others say', () => {
    const readiness = new Readiness();
    expect(readiness.shut).toBe(false);
    readiness.circuit = { ready: false, reason: 'circuit open' };
    expect([readiness.ready, readiness.shut, readiness.reason]).toEqual([false, true, 'circuit open']);
    readiness.health = { ready: false, reason: 'http /: 503' };
    expect([readiness.ready, readiness.shut, readiness.reason]).toEqual([false, true, 'http /: 503']);
  });

  test('whose circuit is being tried is ready, and says so unless there is something else to say', () => {
    const readiness = new Readiness();
    readiness.circuit = { ready: true, reason: 'circuit half-open' };
    expect([readiness.ready, readiness.shut, readiness.reason]).toEqual([true, false, 'circuit half-open']);
    readiness.health = { ready: true, reason: 'not checked yet' };
    expect(readiness.reason).toBe('not checked yet');
    readiness.missed(0);
    expect(readiness.reason).toBe('connections fail');
  });

  test('that cannot be reached stays ready, and is passed over for 1 s, then twice as long, up to 30 s', () => {
    const readiness = new Readiness();
    const pauses = Array.from({ length: 7 }, () => {
      const pause = readiness.missed(500);
      expect([readiness.ready, readiness.reachable, readiness.reason]).toEqual([true, false, 'connections fail']);
      expect(readiness.unreachableUntil).toBe(500 + (pause ?? 0));
      readiness.paused();
      expect(readiness.reachable).toBe(true);
      return pause;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test('is not passed over for longer by failures during the pause', () => {
    const readiness = new Readiness();
    expect([readiness.missed(0), readiness.missed(10), readiness.missed(20)]).toEqual([1000, undefined, undefined]);
    readiness.paused();
    expect(readiness.missed(1000)).toBe(2000);
  });

  test('that has been reached starts anew', () => {
    const readiness = new Readiness();
    for (let time = 0; time < 4; time++) {
      readiness.missed(0);
      readiness.paused();
    }
    readiness.missed(0);
    readiness.reached();
    expect(readiness.reachable).toBe(true);
    expect(readiness.missed(0)).toBe(1000);
  });
});
