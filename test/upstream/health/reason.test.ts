import { describe, expect, test } from 'vitest';
import { reasonOf } from '../../../src/upstream/health/reason.ts';

function failure(message: string, code?: string, name = 'Error'): Error {
  return Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
}

describe('A reason', () => {
  test.each([
    ['is in our words where we have some', failure('connect ECONNREFUSED 10.0.0.1:80', 'ECONNREFUSED'), 'connection refused'],
    [
      'of a parser is one for all its codes',
      failure('x', 'HPE_INVALID_VERSION', 'HTTPParserError'),
      'the answer is not valid HTTP',
    ],
    ['is the error’s where it has one', failure('wrong version number', 'ERR_SSL_X'), 'wrong version number'],
    ['is at least a code', failure('', 'EMFILE'), 'EMFILE'],
  ])('%s', (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
