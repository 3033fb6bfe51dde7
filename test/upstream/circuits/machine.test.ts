import { describe, expect, test } from 'vitest';
import {
  admits,
  CLOSED,
  type Counts,
  entered,
  failed,
  givenBack,
  type Machine,
  succeeded,
  timed,
  waitOf,
} from '../../../src/upstream/circuits/machine.ts';
import { policyOf } from './policy.ts';

const policy = policyOf();
const open: Machine = { name: 'open', at: 1000, reason: 'a test' };
const half = (out: number, successes: number): Machine => ({ name: 'half_open', out, successes });
const closed = (inARow: number): Machine => ({ name: 'closed', inARow });
const counts =
  (failures: number, requests = failures): (() => Counts) =>
  () => ({ failures, requests });
const fail = (machine: Machine, failures = 1) => failed(machine, policy, 'reset', counts(failures), 2000);

describe('A circuit', () => {
  test.each<[string, Machine, (machine: Machine) => Machine, Machine]>([
    ['closed stays so with a success', CLOSED, (one) => succeeded(one, policy, false), CLOSED],
    ['closed forgets failures in a row with a success', closed(2), (one) => succeeded(one, policy, false), CLOSED],
    ['closed counts a failure', closed(1), (one) => fail(one), closed(2)],
    [
      'closed opens with one too many',
      closed(2),
      (one) => fail(one, 3),
      { name: 'open', at: 2000, reason: '3 failures within 10s, the last: reset' },
    ],
    ['closed does not care for time', closed(1), (one) => timed(one, policy, 1e9), closed(1)],
    ['closed does not count who begins', CLOSED, entered, CLOSED],
    ['closed does not count who says nothing', CLOSED, givenBack, CLOSED],
    ['open stays so before its time', open, (one) => timed(one, policy, 5999), open],
    ['open is half-open at its time', open, (one) => timed(one, policy, 6000), half(0, 0)],
    ['open does not care for a success', open, (one) => succeeded(one, policy, false), open],
    ['open does not care for a failure', open, (one) => fail(one, 9), open],
    ['open does not care who comes back', open, givenBack, open],
    ['half-open counts who begins', half(0, 1), entered, half(1, 1)],
    ['half-open counts who says nothing back', half(2, 1), givenBack, half(1, 1)],
    ['half-open counts a success', half(2, 0), (one) => succeeded(one, policy, true), half(1, 1)],
    ['half-open counts a success that came late', half(2, 0), (one) => succeeded(one, policy, false), half(2, 1)],
    ['half-open closes with the last success', half(2, 1), (one) => succeeded(one, policy, true), CLOSED],
    ['half-open opens with any failure', half(2, 1), (one) => fail(one), { ...open, at: 2000, reason: 'a trial failed: reset' }],
    ['half-open does not care for time', half(2, 1), (one) => timed(one, policy, 1e9), half(2, 1)],
  ])('%s', (_, before, step, after) => {
    expect(step(before)).toEqual(after);
  });

  test('stays the same object where nothing changes', () => {
    expect(succeeded(CLOSED, policy, false)).toBe(CLOSED);
    expect(entered(CLOSED)).toBe(CLOSED);
    expect(timed(open, policy, 2000)).toBe(open);
  });

  test.each<[Machine, boolean]>([
    [CLOSED, true],
    [open, false],
    [half(0, 0), true],
    [half(1, 1), true],
    [half(2, 0), false],
  ])('%j lets an attempt begin: %s', (machine, let_) => {
    expect(admits(machine, policy)).toBe(let_);
  });

  test.each<[Machine, number]>([
    [CLOSED, 0],
    [half(0, 0), 0],
    [open, 4000],
    [{ ...open, at: -9999 }, 0],
  ])('%j is left alone for %i ms yet', (machine, ms) => {
    expect(waitOf(machine, policy, 2000)).toBe(ms);
  });
});

describe('What opens a circuit', () => {
  const reasonOf = (written: Record<string, unknown>, inARow: number, failures: number, requests: number) => {
    const next = failed(closed(inARow - 1), policyOf(written), 'status 503', counts(failures, requests), 0);
    return next.name === 'open' ? next.reason : 'nothing';
  };
  const off = { failure_threshold: 0 };

  test.each<[Record<string, unknown>, [number, number, number], string]>([
    [{}, [1, 2, 2], 'nothing'],
    [{}, [1, 3, 1000], '3 failures within 10s, the last: status 503'],
    [{ window: '1m30s' }, [1, 4, 4], '4 failures within 90s, the last: status 503'],
    [{ ...off, consecutive_failures: 2 }, [1, 50, 50], 'nothing'],
    [{ ...off, consecutive_failures: 2 }, [2, 2, 2], '2 failures in a row, the last: status 503'],
    [{ ...off, error_ratio: 0.5 }, [9, 10, 19], 'nothing'],
    [{ ...off, error_ratio: 0.5 }, [1, 10, 20], '50% of 20 requests within 10s failed, the last: status 503'],
    [{ ...off, error_ratio: 0.5 }, [1, 10, 21], 'nothing'],
    [{ ...off, error_ratio: 1, min_requests: 1 }, [1, 1, 1], '100% of 1 requests within 10s failed, the last: status 503'],
    [
      { ...off, error_ratio: 0.001, min_requests: 1 },
      [1, 1, 1000],
      '0.1% of 1000 requests within 10s failed, the last: status 503',
    ],
    [
      { failure_threshold: 100, error_ratio: 0.5, consecutive_failures: 3 },
      [3, 3, 3],
      '3 failures in a row, the last: status 503',
    ],
  ])('%j with %j in a row, within the window, of all: %s', (written, [inARow, failures, requests], reason) => {
    expect(reasonOf(written, inARow, failures, requests)).toBe(reason);
  });

  test('is found without a look at the window where failures in a row are enough', () => {
    const never = () => {
      throw new Error('asked');
    };
    const inARow = policyOf({ failure_threshold: 0, consecutive_failures: 2 });
    expect(failed(CLOSED, inARow, 'reset', never, 0)).toEqual(closed(1));
    expect(failed(closed(1), inARow, 'reset', never, 0).name).toBe('open');
  });
});
