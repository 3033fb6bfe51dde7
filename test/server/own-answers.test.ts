import { describe, expect, test } from 'vitest';
import { ownAnswer } from '../../src/server/own-answers.ts';
import { arrived } from '../support/arrived.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';

const ask = (method: string, target: string, ...fields: string[]) => {
  const exchange = exchangeOf({ method, target, headers: arrived('Host: a', ...fields) });
  return { exchange, reply: ownAnswer(exchange) };
};

describe('The gateway itself answers', () => {
  test.each([
    ['*', []],
    ['*', ['Max-Forwards: 3']],
    ['*', ['Max-Forwards: 0']],
    ['/a', ['Max-Forwards: 0']],
    ['/a', ['Max-Forwards: 000']],
  ])('OPTIONS %s with %j', (target, fields) => {
    const { reply } = ask('OPTIONS', target, ...fields);
    expect(reply?.status).toBe(200);
    expect(reply?.headers.get('allow')).toBe('GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE');
    expect(reply?.body).toBeUndefined();
  });

  test('TRACE that may go no further, with what arrived but no secrets', () => {
    const secrets = ['Authorization: Basic eDp5', 'Cookie: a=b', 'X-API-Key: c', 'cookie: d=e'];
    const { reply } = ask('TRACE', '/a?b', 'Max-Forwards: 0', 'X-A: b', ...secrets);
    expect(reply?.headers.flat()).toEqual(['Content-Type', 'message/http']);
    expect(reply?.body).toBe('TRACE /a?b HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nX-A: b\r\n\r\n');
  });
});

describe('The gateway passes on', () => {
  test.each([
    ['OPTIONS', ['Max-Forwards: 3'], '2'],
    ['TRACE', ['Max-Forwards: 1'], '0'],
    ['TRACE', [], undefined],
    ['OPTIONS', [], undefined],
    ['OPTIONS', [`Max-Forwards: ${'9'.repeat(40)}`], '999999'],
    ['GET', ['Max-Forwards: 0'], '0'],
    ['GET', ['Max-Forwards: x'], 'x'],
  ])('%s /a with %j, with one hop less: %s', (method, fields, left) => {
    const { exchange, reply } = ask(method, '/a', ...fields);
    expect([reply, exchange.headers.get('max-forwards')]).toEqual([undefined, left]);
  });
});

describe('The gateway refuses', () => {
  test.each(['', 'x', '-1', '1.0', '0x1', '1 2'])('%j hops', (hops) => {
    expect(() => ask('OPTIONS', '/a', `Max-Forwards: ${hops}`)).toThrow(
      expect.objectContaining({ code: 'bad_request', detail: 'a Max-Forwards that is not a number' }),
    );
  });

  test('a TRACE with a body', () => {
    const exchange = exchangeOf({ method: 'TRACE', body: new ManualSource() });
    expect(() => ownAnswer(exchange)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  });
});
