import { describe, expect, test } from 'vitest';
import { finishChecks, healthCheck, healthChecks } from '../../../src/upstream/health/config.ts';

function problemOf(written: unknown): string {
  return healthCheck.safeParse(written).error?.issues[0]?.message ?? 'none';
}

describe('The checks of a backend', () => {
  test('have every default filled in', () => {
    expect(finishChecks({}, undefined)).toEqual([
      {
        ...{ check_type: 'tcp', path: '/', port: 0, host: '', expected_status: { from: 200, to: 200 }, by: 'instance' },
        ...{ interval: 10_000, timeout: 5000, failure_threshold: 3, success_threshold: 2 },
      },
    ]);
  });

  test('ask over http when there is a path to ask for', () => {
    const [check] = finishChecks(healthCheck.parse({ path: '/health' }), undefined);
    expect(check).toMatchObject({ check_type: 'http', path: '/health' });
  });

  test('take what they do not say from the common block, and are that block when they say nothing', () => {
    const common = healthCheck.parse({ interval: '2s', path: '/up' });
    const own = healthChecks.parse([{ check_type: 'tcp' }, { interval: '1s' }]);
    expect(finishChecks(own, common)).toMatchObject([
      { check_type: 'tcp', interval: 2000 },
      { check_type: 'http', path: '/up', interval: 1000 },
    ]);
    expect(finishChecks(undefined, common)).toMatchObject([{ check_type: 'http', interval: 2000 }]);
    expect([finishChecks(undefined, undefined), finishChecks([], common)]).toEqual([[], []]);
  });

  test.each([
    [200, 200, 200],
    ['204', 204, 204],
    ['2xx', 200, 299],
    ['200-399', 200, 399],
  ])('take %s for the statuses from %d to %d', (expected_status, from, to) => {
    expect(healthCheck.parse({ expected_status }).expected_status).toEqual({ from, to });
  });

  test.each([
    [{ expected_status: 99 }, 'not a status: 99'],
    [{ expected_status: '300-200' }, 'not a status: "300-200"'],
    [{ path: 'health' }, 'not a path: "health"'],
    [{ path: '/a b' }, 'not a path: "/a b"'],
    [{ host: 'a\r\nb' }, 'not a Host: "a\\r\\nb"'],
    [{ interval: '10ms' }, '10ms is too short'],
    [{ failure_threshold: 0 }, '0 is too small'],
    [{ port: 65_536 }, '65536 is too large'],
  ])('cannot be %j', (written, problem) => {
    expect(problemOf(written)).toBe(problem);
  });
});
