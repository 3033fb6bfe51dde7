import { describe, expect, test } from 'vitest';
import { EMPTY } from '../../src/http/body.ts';
import { GatewayError } from '../../src/http/errors.ts';
import type { Exchange, Outcome } from '../../src/http/exchange.ts';
import { Headers } from '../../src/http/headers.ts';
import { Reply } from '../../src/http/reply.ts';
import { exchangeOf } from '../support/exchanges.ts';

const whole: Outcome = { status: 200, error: undefined };
const late = new GatewayError('route_timeout');
const gone = new GatewayError('client_gone');

describe('An exchange', () => {
  test('has what its connection and its head say', () => {
    const given = {
      method: 'PUT',
      scheme: 'https',
      authority: 'a:1',
      target: '/b?c',
      minor: 0,
      upgrade: 'x',
      startedAt: 7,
    } as const;
    const headers = new Headers();
    const peer = { address: '192.0.2.1', port: 5, trusted: true };
    expect(exchangeOf({ ...given, headers, peer })).toMatchObject({ ...given, headers, peer });
  });

  test('begins with an empty body, no route, no parameters and the address of its peer', () => {
    const exchange = exchangeOf({ peer: { address: '192.0.2.1' } });
    expect(exchange).toMatchObject({
      body: EMPTY,
      routeId: '',
      requestId: '',
      upstream: '',
      params: {},
      clientAddress: '192.0.2.1',
    });
    expect(Object.isFrozen(exchange.params)).toBe(true);
  });

  test.each([
    ['/', '/'],
    ['/a/b?c=d?e', '/a/b'],
    ['/?', '/'],
    ['*', '*'],
  ])('of the target %s has the path %s', (target, path) => {
    expect(exchangeOf({ target }).path).toBe(path);
  });

  test('hands interim replies to who writes them, and drops them when nobody does', () => {
    const exchange = exchangeOf();
    exchange.informational(103);
    const told: unknown[] = [];
    exchange.informant = { informational: (...all) => told.push(all) };
    const headers = new Headers();
    exchange.informational(103, headers);
    expect(told).toEqual([[exchange, 103, headers]]);
  });
});

describe('A cancel', () => {
  test('tells everyone who listens, in order, once, with the first error', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onCancel((error) => told.push(['a', error]));
    exchange.onCancel((error) => told.push(['b', error]));
    exchange.cancel(late);
    exchange.cancel(gone);
    expect(told).toEqual([
      ['a', late],
      ['b', late],
    ]);
    expect(exchange.cancelError).toBe(late);
  });

  test('that has happened is told at once', () => {
    const exchange = exchangeOf();
    exchange.cancel(late);
    const told: unknown[] = [];
    exchange.onCancel((error) => told.push(error));
    expect(told).toEqual([late]);
  });

  test('tells nobody who has taken the listener back', () => {
    const exchange = exchangeOf();
    const told: string[] = [];
    const listener = () => told.push('taken back');
    exchange.onCancel(listener);
    exchange.onCancel(() => told.push('listens'));
    exchange.offCancel(listener);
    exchange.offCancel(() => {});
    exchange.cancel(late);
    exchange.offCancel(listener);
    expect(told).toEqual(['listens']);
  });

  test('from inside a listener changes nothing', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onCancel(() => exchange.cancel(gone));
    exchange.onCancel((error) => told.push(error));
    exchange.cancel(late);
    expect(told).toEqual([late]);
    expect(exchange.cancelError).toBe(late);
  });

  test('after the end does nothing', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onCancel((error) => told.push(error));
    exchange.end(whole);
    exchange.cancel(late);
    expect(told).toEqual([]);
    expect(exchange.cancelError).toBeUndefined();
  });
});

describe('The end', () => {
  test('is told once, in order, with the first outcome', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onEnd((outcome) => told.push(['a', outcome]));
    exchange.onEnd((outcome) => told.push(['b', outcome]));
    exchange.end(whole);
    exchange.end({ status: 499, error: gone });
    expect(told).toEqual([
      ['a', whole],
      ['b', whole],
    ]);
  });

  test('that has happened is told at once, also from inside a listener', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onEnd(() => exchange.onEnd((outcome) => told.push(outcome)));
    exchange.end(whole);
    exchange.onEnd((outcome) => told.push(outcome));
    expect(told).toEqual([whole, whole]);
  });

  test('comes after a cancel too', () => {
    const exchange = exchangeOf();
    const told: unknown[] = [];
    exchange.onEnd((outcome) => told.push(outcome));
    exchange.cancel(gone);
    exchange.end({ status: 499, error: gone });
    expect(told).toEqual([{ status: 499, error: gone }]);
  });
});

describe('A listener that throws', () => {
  const ways: [string, (exchange: Exchange, listener: () => void) => void, (exchange: Exchange) => void][] = [
    ['of the end', (exchange, listener) => exchange.onEnd(listener), (exchange) => exchange.end(whole)],
    ['of a cancel', (exchange, listener) => exchange.onCancel(listener), (exchange) => exchange.cancel(gone)],
    ['of the reply', (exchange, listener) => exchange.onReply(listener), (exchange) => exchange.decorate(new Reply(200))],
  ];

  test.each(ways)('%s keeps no other from hearing, and is told', (_, listen, happen) => {
    const exchange = exchangeOf();
    const told: string[] = [];
    const failing = () => {
      throw new Error('mine');
    };
    for (const one of [() => told.push('a'), failing, () => told.push('b')]) listen(exchange, one);
    expect(() => happen(exchange)).toThrow('mine');
    expect(told.sort()).toEqual(['a', 'b']);
  });
});

describe('The final reply', () => {
  test('is shown once, to who asked last first', () => {
    const exchange = exchangeOf();
    const told: string[] = [];
    exchange.onReply(() => told.push('outer'));
    exchange.onReply(() => told.push('inner'));
    exchange.decorate(new Reply(200));
    exchange.decorate(new Reply(200));
    expect(told).toEqual(['inner', 'outer']);
  });
});
