import { describe, expect, test } from 'vitest';
import { asGatewayError, ERRORS, type ErrorCode, GatewayError } from '../../src/http/errors.ts';

const rows = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

describe('The table of errors', () => {
  test.each(rows)('%s has a status that fits who broke the promise', (_, { status, source }) => {
    if (source === 'client') expect([501, 505].includes(status) || (status >= 400 && status < 500)).toBe(true);
    else expect([500, 502, 503, 504]).toContain(status);
  });

  test.each(rows)('%s says something to people', (_, { title }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
  });

  test('lets only faults of an upstream be tried again elsewhere', () => {
    expect(rows.filter(([, row]) => row.retryable && row.source !== 'upstream')).toEqual([]);
    expect(rows.filter(([, row]) => row.retryable).map(([code]) => code)).toEqual([
      'upstream_connect',
      'upstream_connect_timeout',
      'upstream_reset',
      'upstream_timeout',
    ]);
  });

  test('answers an upstream that is late with 504, one that is bad with 502, none at all with 503', () => {
    const statuses = Object.fromEntries(
      rows.filter(([code]) => code.startsWith('upstream_')).map(([code, row]) => [code, row.status]),
    );
    expect(statuses).toEqual({
      upstream_connect: 502,
      upstream_connect_timeout: 504,
      upstream_reset: 502,
      upstream_timeout: 504,
      upstream_invalid_reply: 502,
      upstream_unavailable: 503,
      upstream_queue_full: 503,
      upstream_queue_timeout: 503,
    });
  });
});

describe('An error of the gateway', () => {
  test('knows its row, its detail and its cause', () => {
    const cause = new Error('ECONNREFUSED 10.0.0.1');
    const error = new GatewayError('upstream_connect', undefined, cause);
    expect(error).toMatchObject({
      name: 'GatewayError',
      code: 'upstream_connect',
      status: 502,
      source: 'upstream',
      retryable: true,
    });
    expect(error.detail).toBeUndefined();
    expect(error.message).toBe('The upstream could not be reached');
    expect(error.cause).toBe(cause);
  });

  test('without a cause has no property of that name', () => {
    expect('cause' in new GatewayError('internal')).toBe(false);
    expect(new GatewayError('bad_request', 'no Host').message).toBe('no Host');
  });

  test('stays itself; anything else that was thrown is internal', () => {
    const error = new GatewayError('not_found');
    expect(asGatewayError(error)).toBe(error);
    for (const thrown of [new TypeError('x'), 'text', undefined]) {
      expect(asGatewayError(thrown)).toMatchObject({ code: 'internal', status: 500, detail: undefined });
    }
    expect(asGatewayError('text').cause).toBe('text');
  });
});
