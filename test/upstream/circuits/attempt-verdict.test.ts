import { describe, expect, test } from 'vitest';
import type { Cause } from '../../../src/upstream/cause.ts';
import { AttemptVerdict } from '../../../src/upstream/circuits/attempt-verdict.ts';

function verdict(failureOn: readonly Cause[] = ['connect', 'reset', 'timeout', '5xx']) {
  const said: string[] = [];
  const one = new AttemptVerdict(
    {
      answered: () => said.push('answered'),
      succeeded: () => said.push('succeeded'),
      failed: (reason) => said.push(`failed: ${reason}`),
      giveBack: () => said.push('given back'),
    },
    failureOn,
  );
  return { one, said };
}

describe('What a reply says', () => {
  test.each<[number, Cause[], string]>([
    [200, ['5xx'], 'answered'],
    [101, ['5xx'], 'succeeded'],
    [304, ['5xx'], 'answered'],
    [404, ['5xx'], 'answered'],
    [429, ['5xx', 429], 'failed: status 429'],
    [499, ['5xx'], 'answered'],
    [500, ['5xx'], 'failed: status 500'],
    [599, ['5xx'], 'failed: status 599'],
    [500, ['connect', 503], 'answered'],
    [503, ['connect', 503], 'failed: status 503'],
  ])('with its status %i, where %j is a failure: %s', (status, failureOn, expected) => {
    const { one, said } = verdict(failureOn);
    one.replied(status);
    expect(said).toEqual([expected]);
  });

  test('once it is whole, or not', () => {
    const [whole, broken] = [verdict(), verdict()];
    whole.one.end(true);
    broken.one.end(false);
    expect([whole.said, broken.said]).toEqual([['succeeded'], ['given back']]);
  });
});

describe('What a fault says', () => {
  test.each([
    ['connect', ['connect'], ['failed: connect']],
    ['reset', ['connect'], []],
    ['timeout', ['timeout', 'reset'], ['failed: timeout']],
    ['timeout', ['5xx', 504], []],
    [undefined, ['connect', 'reset', 'timeout', '5xx'], []],
  ] as const)('%s, where %j is a failure: %j', (fault, failureOn, expected) => {
    const { one, said } = verdict(failureOn);
    one.broke(fault);
    expect(said).toEqual(expected);
  });
});
