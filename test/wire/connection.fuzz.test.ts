import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../support/fuzz/run.ts';
import { scenario } from '../support/fuzz/scenario.ts';

/** `FUZZ_RUNS=100000` for a night; a failure prints the seed and the path that play it again. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1500);

/**
 * The whole gateway between clients and an origin that misbehave at random moments: bytes, splits, pauses, cancels,
 * resets, half-closes, slow readers. Time is the test's own.
 */
describe('The engine among peers that misbehave', () => {
  const uncaught: unknown[] = [];
  const note = (thrown: unknown) => void uncaught.push(thrown);

  beforeAll(() => {
    process.on('uncaughtException', note);
    process.on('unhandledRejection', note);
  });

  afterAll(() => {
    process.off('uncaughtException', note);
    process.off('unhandledRejection', note);
  });

  test('ends every exchange once, leaves nothing behind and never gives a reply to another request', {
    timeout: 60_000 + RUNS * 200,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (played) => {
        expect(await faultsOf(played)).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: RUNS > 10_000 },
    );
    expect(uncaught).toEqual([]);
  });
});
