import { describe, expect, test } from 'vitest';
import { finishRetry, hedgeSchema, retrySchema } from '../../../src/upstream/retry/config.ts';

/** What is wrong with it, in one line. */
function problem(schema: typeof retrySchema | typeof hedgeSchema, given: unknown): string {
  const { error } = schema.safeParse(given);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') ?? 'nothing';
}

describe('retry', () => {
  test('has its defaults', () => {
    expect(finishRetry(undefined, 3)).toEqual({
      max_retries: 3,
      on: ['connect', 'reset', 502, 503, 504],
      methods: ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'],
      backoff: { base: 25, max: 1000 },
      body_limit: 65_536,
    });
  });

  test('wins over the short form, as far as it says how often', () => {
    expect(finishRetry(retrySchema.parse({ max_retries: 0 }), 3).max_retries).toBe(0);
    expect(finishRetry(retrySchema.parse({ per_try_timeout: '2s' }), 3)).toMatchObject({ max_retries: 3, per_try_timeout: 2000 });
  });

  test.each([
    [
      ['connect', 'reset', 'timeout', '5xx', '429', 503],
      ['connect', 'reset', 'timeout', '5xx', 429, 503],
    ],
    [[], []],
  ])('is on %j', (on, read) => {
    expect(retrySchema.parse({ on }).on).toEqual(read);
  });

  test.each([
    [{ on: ['4xx'] }, 'on.0: not a cause for a retry'],
    [{ on: [200] }, 'on.0: not a cause for a retry'],
    [{ methods: ['get'] }, 'methods.0: not a method'],
    [{ max_retries: 11 }, 'max_retries: '],
    [{ max_retries: -1 }, 'max_retries: '],
    [{ per_try_timeout: '0s' }, 'per_try_timeout: '],
    [{ body_limit: '17MB' }, 'body_limit: '],
    [{ attempts: 3 }, 'attempts'],
  ])('refuses %j', (given, said) => {
    expect(problem(retrySchema, given)).toContain(said);
  });
});

describe('hedge', () => {
  test.each([
    ['100ms', { ms: 100 }],
    ['1m30s', { ms: 90_000 }],
    ['p95', { percentile: 0.95 }],
    ['p99.9', { percentile: 0.999 }],
    ['p5', { percentile: 0.05 }],
  ])('is due after %s', (after, read) => {
    const { max, after: found } = hedgeSchema.parse({ after });
    expect(max).toBe(1);
    expect(Object.keys(found)).toEqual(Object.keys(read));
    expect(Object.values(found)[0]).toBeCloseTo(Object.values(read)[0] as number, 9);
  });

  test.each([
    { after: 'p0' },
    { after: 'p100' },
    { after: '95' },
    { after: 'p' },
    { after: '0ms' },
    {},
    { after: 'p95', max: 0 },
  ])('refuses %j', (given) => {
    expect(problem(hedgeSchema, given)).not.toBe('nothing');
  });
});
