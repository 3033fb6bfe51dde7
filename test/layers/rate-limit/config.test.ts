import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  consumerRateLimitsSchema,
  ipKeySchema,
  rateLimitingSchema,
  rateLimitsSchema,
} from '../../../src/layers/rate-limit/config.ts';

function read(schema: z.ZodType, written: unknown): unknown {
  const result = schema.safeParse(written);
  if (result.success) return result.data;
  return result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const one = (written: Record<string, unknown>) => read(rateLimitsSchema, [{ name: 'a', ...written }]);

describe('A limit that is written', () => {
  test('has its defaults, and is plain data', () => {
    const limits = rateLimitsSchema.parse([{ name: 'per_ip', requests_per_second: 100 }]);
    expect(limits).toEqual([
      {
        name: 'per_ip',
        key: [[{ from: 'ip' }]],
        algorithm: 'token_bucket',
        limit: 100,
        rate: 100,
        window: 1000,
        cost: 1,
        mode: 'lease',
        when_redis_is_down: 'local',
        after_lost_data: 'full',
        headers: ['ratelimit'],
      },
    ]);
    expect(structuredClone(limits)).toEqual(limits);
  });

  test.each([
    [{ requests_per_second: 100, burst: 200 }, 'token_bucket', 200, 100, 2000],
    [{ requests_per_second: '100', burst: '200' }, 'token_bucket', 200, 100, 2000],
    [{ requests_per_second: 2.5 }, 'token_bucket', 3, 2.5, 1200],
    [{ requests_per_second: 0.5, cost: 4 }, 'token_bucket', 4, 0.5, 8000],
    [{ limit: 10, window: '1h' }, 'token_bucket', 10, 10 / 3600, 3_600_000],
    [{ limit: 10, window: '1s', burst: 50 }, 'token_bucket', 50, 10, 5000],
    [{ algorithm: 'sliding_window', limit: 1000, window: '1m' }, 'sliding_log', 1000, 1000 / 60, 60_000],
    [{ algorithm: 'sliding_window', limit: 1001, window: '500ms' }, 'sliding_counter', 1001, 2002, 500],
    [{ algorithm: 'fixed_window', limit: 5, window: '1m30s' }, 'fixed_window', 5, 5 / 90, 90_000],
  ])('%j is a %s of %d, %d a second, %d ms', (written, algorithm, limit, rate, window) => {
    expect(one(written)).toEqual([expect.objectContaining({ algorithm, limit, window: expect.closeTo(window, 6) })]);
    expect((one(written) as { rate: number }[])[0]?.rate).toBeCloseTo(rate, 9);
  });

  test.each([
    [{}, ['0.requests_per_second: missing: nothing says how many']],
    [{ burst: 5 }, ['0.requests_per_second: missing: nothing says how many']],
    [{ limit: 5 }, ['0.window: missing: nothing says in which time 5 flow in']],
    [{ window: '1s' }, ['0.limit: missing: nothing says how many']],
    [{ requests_per_second: 5, limit: 5 }, ['0.limit: stands beside requests_per_second: each says how fast it fills']],
    [{ requests_per_second: 5, window: '1s' }, ['0.window: stands beside requests_per_second: each says how fast it fills']],
    [{ requests_per_second: 0 }, ['0.requests_per_second: not a rate: 0']],
    [{ requests_per_second: -1 }, ['0.requests_per_second: not a rate: -1']],
    [{ requests_per_second: '10/s' }, ['0.requests_per_second: not a rate: "10/s"']],
    [{ requests_per_second: true }, ['0.requests_per_second: must be a number above 0']],
    [{ requests_per_second: 5, burst: 0 }, ['0.burst: 0 is too small']],
    [{ requests_per_second: 5, burst: 2.5 }, ['0.burst: not a whole number: 2.5']],
    [
      { requests_per_second: 5, burst: 2, cost: 3 },
      ['0.cost: one request takes 3 and there are never more than 2: it would always be refused'],
    ],
    [
      { limit: 5, window: '1s', cost: 6 },
      ['0.cost: one request takes 6 and there are never more than 5: it would always be refused'],
    ],
    [
      { algorithm: 'sliding_window', limit: 5, window: '1s', cost: 6 },
      ['0.cost: one request takes 6 and there are never more than 5: it would always be refused'],
    ],
    [{ algorithm: 'sliding_window', limit: 5, window: '1s', burst: 6 }, ['0.burst: a sliding_window has no burst']],
    [
      { algorithm: 'sliding_window', requests_per_second: 5 },
      [
        '0.requests_per_second: a sliding_window has no requests_per_second',
        '0.limit: missing: a sliding_window has one',
        '0.window: missing: a sliding_window has one',
      ],
    ],
    [{ algorithm: 'fixed_window', limit: 5, window: '1500ms' }, ['0.window: 1500ms is not a whole number of seconds']],
    [{ algorithm: 'fixed_window', limit: 5, window: '500ms' }, ['0.window: 500ms is not a whole number of seconds']],
    [{ limit: 5, window: 60 }, [expect.stringContaining('0.window: 60 is a bare number')]],
    [{ algorithm: 'leaky', limit: 5, window: '1s' }, [expect.stringContaining('0.algorithm: ')]],
    [{ requests_per_second: 5, key: 'ipp' }, ['0.key: there is no key "ipp"; did you mean "ip"?']],
    [{ requests_per_second: 5, key: [] }, ['0.key: an empty list: nothing would have a key']],
    [{ requests_per_second: 5, headers: ['ratelimit', 'ratelimit'] }, ['0.headers: a style stands there twice']],
    [{ requests_per_second: 5, headers: ['x'] }, [expect.stringContaining('0.headers.0: ')]],
    [{ requests_per_second: 5, mode: 'x' }, [expect.stringContaining('0.mode: ')]],
    [{ requests_per_second: 5, name: 'a b' }, ['0.name: not a name: "a b"']],
    [{ requests_per_second: 5, bursts: 5 }, [expect.stringContaining('"bursts"')]],
  ])('%j is refused where it is wrong', (written, problems) => {
    expect(one(written)).toEqual(problems);
  });

  test('has a name of its own', () => {
    const limit = { name: 'a', requests_per_second: 1 };
    expect(read(rateLimitsSchema, [limit, { ...limit, name: 'b' }, limit])).toEqual(['2.name: "a" stands there twice']);
    expect(read(rateLimitsSchema, [{ requests_per_second: 1 }])).toEqual([expect.stringContaining('0.name')]);
    expect(read(rateLimitsSchema, [])).toEqual([]);
  });

  test('may count by a form', () => {
    expect(one({ requests_per_second: 1, key: ['form:user', 'ip'] })).toMatchObject([
      { key: [[{ from: 'form', name: 'user' }], [{ from: 'ip' }]] },
    ]);
  });
});

test('The shared limit is written as Photon does', () => {
  expect(read(rateLimitingSchema, { requests_per_second: 100, burst: 200, key: 'ip' })).toMatchObject({
    name: 'rate_limiting',
    limit: 200,
    rate: 100,
    key: [[{ from: 'ip' }]],
  });
  expect(read(rateLimitingSchema, { requests_per_second: 1, key: 'header:X-API-Key' })).toMatchObject({
    key: [[{ from: 'header', name: 'x-api-key' }]],
  });
});

test("A consumer's limit is one for all that it asks, unless it says otherwise", () => {
  const written = [
    { name: 'a', requests_per_second: 1 },
    { name: 'b', requests_per_second: 1, key: 'route' },
  ];
  expect(read(consumerRateLimitsSchema, written)).toMatchObject([
    { key: [[{ from: 'consumer' }]] },
    { key: [[{ from: 'route' }]] },
  ]);
});

test.each([
  [{}, { ipv6_prefix: 64 }],
  [{ ipv6_prefix: '56' }, { ipv6_prefix: 56 }],
  [{ ipv6_prefix: 0 }, ['ipv6_prefix: 0 is too small']],
  [{ ipv6_prefix: 129 }, ['ipv6_prefix: 129 is too large']],
])('How addresses count: %j is %j', (written, expected) => {
  expect(read(ipKeySchema, written)).toEqual(expected);
});
