import { describe, expect, test } from 'vitest';
import type { Sink } from '../../src/http/body.ts';
import { GatewayError } from '../../src/http/errors.ts';
import { Headers } from '../../src/http/headers.ts';
import type { Handler } from '../../src/http/layer.ts';
import { Reply } from '../../src/http/reply.ts';
import { guarded, LayerFaults, TOLD_EVERY, tidied } from '../../src/snapshot/custom-layer-guard.ts';
import type { Logger } from '../../src/telemetry/log.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ManualSource } from '../support/manual-source.ts';

function setUp(handler: () => unknown) {
  const clock = new ManualClock();
  const told: Record<string, unknown>[] = [];
  const logger = { error: (fields: Record<string, unknown>) => told.push(fields) } as unknown as Logger;
  const run = guarded(handler as Handler, new LayerFaults(logger, clock, { module: './layers/a.ts', route: 'users' }));
  const exchange = exchangeOf();
  exchange.requestId = 'r-1';
  /** What an exchange gets: a reply, or what is thrown, now or later. */
  const answer = async (): Promise<unknown> => {
    try {
      return await run(exchange);
    } catch (thrown) {
      return thrown;
    }
  };
  return { clock, told, run, exchange, answer };
}

/** Something like a promise, of another kind than ours. */
function thenable(then: (resolve: (reply: Reply) => void) => void): unknown {
  return Object.fromEntries([['then', then]]);
}

describe('What a layer of a user gives', () => {
  test('is its reply, at once where that is possible', () => {
    const reply = new Reply(200);
    expect(setUp(() => reply).run(exchangeOf())).toBe(reply);
  });

  test.each<[string, (reply: Reply) => unknown]>([
    ['a promise', async (reply) => reply],
    ['something like a promise', (reply) => thenable((resolve) => resolve(reply))],
  ])('may be %s', async (_, wrap) => {
    const reply = new Reply(503, new Headers(), Buffer.from('x'));
    expect(await setUp(() => wrap(reply)).answer()).toBe(reply);
  });

  test.each<[string, () => unknown]>([
    [
      'thrown',
      () => {
        throw new GatewayError('bad_request');
      },
    ],
    [
      'rejected',
      async () => {
        throw new GatewayError('bad_request');
      },
    ],
  ])('may be an error of the gateway, %s', async (_, handler) => {
    const { answer, told } = setUp(handler);
    expect(await answer()).toMatchObject({ code: 'bad_request' });
    expect(told).toEqual([]);
  });
});

function replyWith(changes: Record<string, unknown>): Reply {
  return Object.assign(new Reply(200), changes);
}

describe('A fault of a user', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'an error that is thrown',
      () => {
        throw new RangeError('mine');
      },
      /^RangeError: mine$/,
    ],
    [
      'an error later',
      async () => {
        throw new RangeError('mine');
      },
      /^RangeError: mine$/,
    ],
    [
      'a text that is thrown',
      () => {
        throw 'mine';
      },
      /^mine$/,
    ],
    [
      'nothing that is thrown',
      () => {
        throw undefined;
      },
      /^undefined$/,
    ],
    [
      'a promise that is not one',
      () =>
        thenable(() => {
          throw new Error('no');
        }),
      /^Error: no$/,
    ],
    ['nothing', () => undefined, /gave no reply/],
    ['null', () => null, /gave no reply/],
    ['a text', () => 'hello', /gave no reply/],
    ['nothing later', async () => {}, /gave no reply/],
    ['something like a reply', () => ({ status: 200, headers: {}, body: 'x' }), /gave no reply/],
    ['a Response', () => new Response('x'), /gave no reply/],
    ['a status that is none', () => replyWith({ status: 'ok' }), /status ok/],
    ['an interim status', () => replyWith({ status: 103 }), /status 103/],
    ['a tunnel that is none', () => replyWith({ status: 101 }), /status 101/],
    ['a fraction of a status', () => replyWith({ status: 200.5 }), /status 200.5/],
    ['a status too high', () => replyWith({ status: 1000 }), /status 1000/],
    ['headers that are none', () => replyWith({ headers: {} }), /headers are none/],
    ['a body that is none', () => replyWith({ body: {} }), /body is none/],
    ['a body that is null', () => replyWith({ body: null }), /body is none/],
    ['a body that is a number', () => replyWith({ body: 5 }), /body is none/],
  ])('as %s is a 500 for the one request, and told', async (_, handler, why) => {
    const { answer, told } = setUp(handler);
    const error = (await answer()) as GatewayError;
    expect([error, error.code, error.cause, error.detail]).toEqual([expect.any(GatewayError), 'internal', undefined, undefined]);
    expect(told).toEqual([{ module: './layers/a.ts', route: 'users', requests: 1, request_id: 'r-1', err: told[0]?.['err'] }]);
    expect(String(told[0]?.['err'])).toMatch(why);
  });

  test('is told once in a while, with how often it happened', async () => {
    const { answer, told, clock } = setUp(() => null);
    for (let times = 0; times < 5; times++) await answer();
    expect(told).toHaveLength(1);
    clock.advance(TOLD_EVERY - 1);
    await answer();
    expect(told).toHaveLength(1);
    clock.advance(1);
    await answer();
    expect(told.map(({ requests }) => requests)).toEqual([1, 6]);
  });
});

describe('A body that a layer took and did not pass on', () => {
  test.each<[string, (reply: Reply) => Reply | Promise<Reply>]>([
    ['at once', (reply) => reply],
    ['later', async (reply) => reply],
  ])('is cancelled when the exchange ends, if it came %s', async (_, wrap) => {
    const source = new ManualSource();
    const exchange = exchangeOf();
    const reply = new Reply(200, new Headers(), source);
    expect(await tidied(() => wrap(reply))(exchange)).toBe(reply);
    expect(source.asked).toEqual([]);
    exchange.end({ status: 500, error: undefined });
    expect(source.asked).toEqual(['cancel']);
  });

  test('is cancelled at once if the exchange has ended already', () => {
    const source = new ManualSource();
    const exchange = exchangeOf();
    exchange.end({ status: 504, error: undefined });
    void tidied(() => new Reply(200, new Headers(), source))(exchange);
    expect(source.cancelled).toBe(true);
  });

  test('may be a tunnel', () => {
    const fromUpstream = new ManualSource();
    const exchange = exchangeOf();
    void tidied(() => new Reply(101, new Headers(), { fromUpstream, toUpstream: {} as Sink & { onDrain: undefined } }))(exchange);
    exchange.end({ status: 500, error: undefined });
    expect(fromUpstream.cancelled).toBe(true);
  });

  test('costs nothing where there is none', () => {
    const reply = new Reply(200, new Headers(), 'x');
    expect(tidied(() => reply)(exchangeOf())).toBe(reply);
  });
});
