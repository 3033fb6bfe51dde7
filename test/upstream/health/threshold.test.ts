import { describe, expect, test } from 'vitest';
import { Threshold } from '../../../src/upstream/health/threshold.ts';

/** `f` is a failure, `s` a success. @returns the state after each */
function states(results: string, failures = 3, successes = 2): string {
  const threshold = new Threshold(failures, successes);
  return [...results]
    .map((result) => {
      threshold.record(result === 's' ? undefined : 'refused');
      return threshold.state.charAt(0);
    })
    .join('');
}

describe('A check', () => {
  test.each([
    ['passes with the first success', 's', 'p'],
    ['is unknown until then', 'ff', 'uu'],
    ['passes with a success that comes before it fails', 'ffsff', 'uuppp'],
    ['fails after as many failures in a row', 'fff', 'uuf'],
    ['fails again only after as many in a row', 'sffsfff', 'ppppppf'],
    ['passes again after as many successes in a row', 'fffss', 'uuffp'],
    ['goes on failing when these are not in a row', 'fffsfsfss', 'uuffffffp'],
  ])('%s', (_, results, expected) => {
    expect(states(results)).toBe(expected);
  });

  test('with thresholds of one changes its mind at once', () => {
    expect(states('fsffs', 1, 1)).toBe('fpffp');
  });

  test('says why the last failure was one, while it fails', () => {
    const threshold = new Threshold(2, 2);
    const reasons = ['refused', 'slow', undefined, 'status 500', undefined, undefined].map((problem) => {
      threshold.record(problem);
      return threshold.reason;
    });
    expect(reasons).toEqual(['', 'slow', 'slow', 'status 500', 'status 500', '']);
  });
});
