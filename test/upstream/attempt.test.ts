import { beforeEach, describe, expect, test } from 'vitest';
import { EMPTY } from '../../src/http/body.ts';
import { type ErrorCode, GatewayError } from '../../src/http/errors.ts';
import type { Exchange } from '../../src/http/exchange.ts';
import { Attempt } from '../../src/upstream/attempt.ts';
import { addresses, BackendRig } from '../support/backends.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

let rig: BackendRig;
let ends: number;

beforeEach(() => {
  rig = new BackendRig();
  rig.apply({ upstreams: addresses('a') });
  ends = 0;
});

function begin(exchange: Exchange = exchangeOf()) {
  const { backend } = rig;
  const keeper = {
    begun: backend.begun.bind(backend),
    replied: backend.replied.bind(backend),
    failed: backend.failed.bind(backend),
    ended: (...end: Parameters<typeof backend.ended>) => {
      ends += 1;
      backend.ended(...end);
    },
  };
  const attempt = new Attempt(exchange, rig.endpoint('a'), exchange.body, keeper, rig.clock);
  const sent = attempt.send();
  sent.catch(() => {});
  return { exchange, attempt, sent };
}

/** Attempts in progress, how often the end was told, and what the endpoint has failed. */
const books = () => [rig.endpoint('a').active, ends, rig.endpoint('a').failures];
const gone = () => new GatewayError('client_gone');

describe('An attempt counts until', () => {
  test('its reply is done', async () => {
    const { exchange, attempt, sent } = begin();
    rig.last.reply();
    await sent;
    attempt.keep();
    expect(books()).toEqual([1, 0, 0]);
    exchange.end({ status: 200, error: undefined });
    expect(books()).toEqual([0, 1, 0]);
  });

  test.each<[ErrorCode, number]>([
    ['upstream_reset', 1],
    ['upstream_timeout', 1],
    ['upstream_invalid_reply', 1],
    ['client_gone', 0],
    ['route_timeout', 0],
  ])('its reply breaks off with %s, which is the endpoint’s failure %i times', async (code, failures) => {
    const { exchange, attempt, sent } = begin();
    rig.last.reply();
    await sent;
    attempt.keep();
    exchange.end({ status: 200, error: new GatewayError(code) });
    attempt.cancel();
    expect(books()).toEqual([0, 1, failures]);
  });

  test.each<[ErrorCode, number]>([
    ['upstream_connect', 1],
    ['upstream_connect_timeout', 1],
    ['upstream_reset', 1],
    ['upstream_timeout', 1],
    ['upstream_queue_full', 0],
    ['upstream_queue_timeout', 0],
    ['bad_request', 0],
    ['internal', 0],
  ])('it fails with %s, which is the endpoint’s failure %i times', async (code, failures) => {
    const { exchange, sent } = begin();
    rig.last.fail(code);
    await expect(sent).rejects.toMatchObject({ code });
    exchange.end({ status: 502, error: new GatewayError(code) });
    expect(books()).toEqual([0, 1, failures]);
  });

  test('it is dropped, which cancels the body that nobody reads', async () => {
    const { exchange, attempt, sent } = begin();
    const body = new ManualSource();
    rig.last.reply(503, body);
    attempt.drop(await sent);
    expect(body.asked).toEqual(['cancel']);
    exchange.end({ status: 200, error: undefined });
    exchange.cancel(gone());
    expect(books()).toEqual([0, 1, 1]);
  });

  test('it is dropped with a tunnel, which is closed', async () => {
    const { attempt, sent } = begin();
    const fromUpstream = new ManualSource();
    const toUpstream = Object.assign(new RecordingSink(), { onDrain: undefined });
    rig.last.reply(101, { fromUpstream, toUpstream });
    attempt.drop(await sent);
    expect(fromUpstream.cancelled).toBe(true);
    expect(books()).toEqual([0, 1, 0]);
  });

  test('it is cancelled, once', async () => {
    const { attempt, sent } = begin();
    attempt.cancel();
    attempt.cancel(new GatewayError('upstream_timeout'));
    await expect(sent).rejects.toMatchObject({ code: 'client_gone' });
    attempt.cancel();
    expect(rig.last.cancelled?.code).toBe('client_gone');
    expect(books()).toEqual([0, 1, 0]);
  });

  test('the client is gone, which the endpoint did not do', async () => {
    const { exchange, sent } = begin();
    exchange.cancel(gone());
    await expect(sent).rejects.toMatchObject({ code: 'client_gone' });
    exchange.end({ status: 499, error: gone() });
    expect(books()).toEqual([0, 1, 0]);
  });

  test('it begins with a client that has gone before', async () => {
    const exchange = exchangeOf();
    exchange.cancel(gone());
    await expect(begin(exchange).sent).rejects.toMatchObject({ code: 'client_gone' });
    expect(books()).toEqual([0, 1, 0]);
  });
});

describe('Time that runs out', () => {
  test.each([
    ['the route’s', false, 1],
    ['the route’s, under a body on its way', true, 0],
    ['the try’s', false, 1],
    ['the try’s, under a body on its way', true, 0],
  ])('%s: is the endpoint’s failure as it should be', async (whose, uploading, failures) => {
    const { exchange, attempt, sent } = begin(exchangeOf({ method: 'PUT', body: uploading ? new ManualSource(5) : EMPTY }));
    if (whose.startsWith('the route')) exchange.cancel(new GatewayError('route_timeout'));
    else attempt.cancel(new GatewayError('upstream_timeout'));
    await expect(sent).rejects.toMatchObject({ status: 504 });
    expect(books()).toEqual([0, 1, failures]);
  });

  test('at the transport, which knows when the body was sent, is the endpoint’s failure', async () => {
    const { sent } = begin(exchangeOf({ method: 'PUT', body: new ManualSource(5) }));
    rig.last.fail('upstream_timeout');
    await expect(sent).rejects.toMatchObject({ code: 'upstream_timeout' });
    expect(books()).toEqual([0, 1, 1]);
  });
});

describe('Interim replies of an attempt', () => {
  test('reach the client until it is over', async () => {
    const told: number[] = [];
    const { exchange, attempt, sent } = begin();
    exchange.informant = { informational: (_exchange, status) => void told.push(status) };
    rig.last.inform(103);
    rig.last.reply(503);
    attempt.drop(await sent);
    rig.last.inform(104);
    expect(told).toEqual([103]);
  });
});

test('What an attempt leaves behind listens to its exchange no more', async () => {
  const exchange = exchangeOf();
  for (let tries = 0; tries < 3; tries++) {
    const { sent } = begin(exchange);
    rig.last.fail('upstream_reset');
    await expect(sent).rejects.toThrow();
  }
  expect((exchange as unknown as { cancelListeners: unknown }).cancelListeners).toEqual([]);
});
