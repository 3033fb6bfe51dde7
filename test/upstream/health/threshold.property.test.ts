import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Threshold } from '../../../src/upstream/health/threshold.ts';

/** The definition, read off the whole history: the last decisive run counts. */
function stateOf(history: readonly boolean[], failures: number, successes: number): string {
  let state = 'unknown';
  for (let end = 1; end <= history.length; end++) {
    const run = (good: boolean, count: number) =>
      count <= end && history.slice(end - count, end).every((result) => result === good);
    if (run(false, failures)) state = 'failing';
    else if (state === 'unknown' && history[end - 1] === true) state = 'passing';
    else if (run(true, successes)) state = 'passing';
  }
  return state;
}

test('whatever the results, the last run that was long enough decides', () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (history, failures, successes) => {
        const threshold = new Threshold(failures, successes);
        for (const good of history) threshold.record(good ? undefined : 'bad');
        expect(threshold.state).toBe(stateOf(history, failures, successes));
        expect(threshold.reason).toBe(threshold.state === 'failing' ? 'bad' : '');
      },
    ),
    { numRuns: 1000 },
  );
});
