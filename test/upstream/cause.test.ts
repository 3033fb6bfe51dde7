import { describe, expect, test } from 'vitest';
import { cause, isCause } from '../../src/upstream/cause.ts';
import { type Fault, faultOf } from '../../src/upstream/fault.ts';

describe('A cause', () => {
  test.each([
    ['connect', 'connect'],
    ['5xx', '5xx'],
    ['503', 503],
    [429, 429],
  ])('may be %j', (written, read) => {
    expect(cause('a test').parse(written)).toBe(read);
  });

  test.each(['4xx', '200', 200, 600, 'Connect', '', 50.5, null])('cannot be %j', (written) => {
    expect(cause('a test').safeParse(written).success).toBe(false);
  });

  test('that is none is told of with what it would be for', () => {
    expect(cause('a test').safeParse('4xx').error?.issues[0]).toMatchObject({
      message: 'not a cause for a test: "4xx"',
      params: { expected: 'connect, reset, timeout, 5xx, or a status such as 503' },
    });
  });

  test.each<[Fault | undefined, number, boolean]>([
    ['connect', 0, true],
    ['reset', 0, false],
    [undefined, 429, true],
    [undefined, 404, false],
    [undefined, 499, false],
    [undefined, 500, true],
    [undefined, 599, true],
  ])('connect, 5xx and 429 have %s with status %i: %s', (fault, status, found) => {
    expect(isCause(['connect', '5xx', 429], fault, status)).toBe(found);
  });

  test('for a broken exchange is none when the endpoint has not broken it', () => {
    expect((['client_gone', 'upstream_queue_full', 'circuit_open'] as const).map(faultOf)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
