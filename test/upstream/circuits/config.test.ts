import { describe, expect, test } from 'vitest';
import { circuitSchema } from '../../../src/upstream/circuits/config.ts';

const problems = (written: unknown) =>
  circuitSchema.safeParse(written).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('circuit_breaker', () => {
  test('works as an empty block', () => {
    expect(circuitSchema.parse({})).toEqual({
      enabled: true,
      failure_threshold: 0,
      consecutive_failures: 5,
      error_ratio: 0.5,
      min_requests: 20,
      window: 60_000,
      open_for: 30_000,
      half_open_requests: 3,
      success_threshold: 2,
      failure_on: ['connect', 'reset', 'timeout', '5xx'],
      quorum: 0.5,
    });
  });

  test.each([
    [{ failure_threshold: 5 }, [5, 0, 0]],
    [{ consecutive_failures: 3 }, [0, 3, 0]],
    [{ error_ratio: 0.2 }, [0, 0, 0.2]],
    [{ failure_threshold: '5', consecutive_failures: 0 }, [5, 0, 0]],
    [{ failure_threshold: 10, error_ratio: 1 }, [10, 0, 1]],
    [{ open_for: '1s' }, [0, 5, 0.5]],
  ])('%j opens by what it names, or by the defaults where it names nothing', (written, triggers) => {
    const { failure_threshold, consecutive_failures, error_ratio } = circuitSchema.parse(written);
    expect([failure_threshold, consecutive_failures, error_ratio]).toEqual(triggers);
  });

  test('takes the whole block of the vocabulary', () => {
    const written = {
      enabled: true,
      failure_threshold: 5,
      consecutive_failures: 0,
      error_ratio: 0.5,
      min_requests: 20,
      window: '60s',
      open_for: '30s',
      half_open_requests: 3,
      success_threshold: 2,
      failure_on: ['connect', 'reset', 'timeout', '5xx'],
      quorum: 0.5,
    };
    expect(circuitSchema.parse(written)).toEqual({ ...written, window: 60_000, open_for: 30_000 });
  });

  test('counts single statuses as failures, in quotes too', () => {
    expect(circuitSchema.parse({ failure_on: ['connect', '503', 429] }).failure_on).toEqual(['connect', 503, 429]);
  });

  test('may ask for more successes than it lets through at a time: they come one after the other', () => {
    expect(problems({ half_open_requests: 1, success_threshold: 10 })).toEqual([]);
  });

  test.each([
    [{ failure_threshold: 0 }, ': nothing would ever open this circuit'],
    [{ failure_threshold: 0, consecutive_failures: 0, error_ratio: 0 }, ': nothing would ever open this circuit'],
    [{ failure_threshold: -1 }, 'failure_threshold: -1 is too small'],
    [{ failure_threshold: 1.5 }, 'failure_threshold: not a whole number'],
    [{ error_ratio: 1.1 }, 'error_ratio: '],
    [{ error_ratio: '50%' }, 'error_ratio: '],
    [{ min_requests: 0 }, 'min_requests: 0 is too small'],
    [{ window: '50ms' }, 'window: 50ms is too short'],
    [{ window: 60 }, 'window: 60 is a bare number'],
    [{ open_for: '0s' }, 'open_for: 0s is too short'],
    [{ open_for: '1000h' }, 'open_for: 1000h is too long'],
    [{ half_open_requests: 0 }, 'half_open_requests: 0 is too small'],
    [{ success_threshold: 0 }, 'success_threshold: 0 is too small'],
    [{ failure_on: [] }, 'failure_on: '],
    [{ failure_on: ['4xx'] }, 'failure_on.0: not a cause for a failure: "4xx"'],
    [{ failure_on: 'connect' }, 'failure_on: '],
    [{ quorum: 2 }, 'quorum: '],
    [{ enabled: 'maybe' }, 'enabled: '],
    [{ treshold: 5 }, ': Unrecognized key'],
    [null, ': '],
    [[], ': '],
  ])('refuses %j', (written, said) => {
    const [problem = 'nothing is wrong'] = problems(written);
    expect(problem).toContain(said);
  });

  test('may open by nothing when it is not enabled', () => {
    expect(problems({ enabled: false, failure_threshold: 0 })).toEqual([]);
  });
});
