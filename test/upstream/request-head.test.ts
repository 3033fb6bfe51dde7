import { describe, expect, test } from 'vitest';
import { requestHead } from '../../src/upstream/request-head.ts';
import { arrived } from '../support/arrived.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';

describe('The head of a request for an upstream', () => {
  test('is the client’s, in our version, without its end', () => {
    const exchange = exchangeOf({ method: 'DELETE', target: '/a?b', headers: arrived('Host: a', 'X-B:  c'), minor: 0 });
    expect(requestHead(exchange, 'origin:80')).toBe('DELETE /a?b HTTP/1.1\r\nHost: a\r\nX-B:  c\r\n');
  });

  test.each([
    ['the one that the exchange names', 'a.example', 'Host: a.example\r\n'],
    ['the endpoint’s when it names none', '', 'Host: origin:80\r\n'],
  ])('without a Host gets %s', (_, authority, line) => {
    expect(requestHead(exchangeOf({ authority }), 'origin:80')).toBe(`GET / HTTP/1.1\r\n${line}`);
  });

  test.each([
    ['a length that nobody declared is said', 3, [], 'Content-Length: 3\r\n'],
    ['a length that is true is kept', 3, ['content-length: 3'], 'content-length: 3\r\n'],
    ['a length in other words is said plainly', 3, ['Content-Length: 003'], 'Content-Length: 3\r\n'],
    ['a length that is not true is made so', 3, ['Content-Length: 4'], 'Content-Length: 3\r\n'],
    ['a length of a body that has none beforehand is dropped', -1, ['Content-Length: 4'], ''],
    ['an unknown length is not said', -1, [], ''],
    ['no body is no length', 0, [], ''],
    ['a length of nothing is kept', 0, ['Content-Length: 0'], 'Content-Length: 0\r\n'],
  ] as const)('%s', (_, length, fields, line) => {
    const exchange = exchangeOf({ method: 'POST', headers: arrived('Host: a', ...fields), body: new ManualSource(length) });
    expect(requestHead(exchange, 'x')).toBe(`POST / HTTP/1.1\r\nHost: a\r\n${line}`);
  });
});
