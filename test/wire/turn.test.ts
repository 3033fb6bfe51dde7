import { expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import type { Outcome } from '../../src/http/exchange.ts';
import { Turn } from '../../src/wire/turn.ts';
import { exchangeOf } from '../support/exchanges.ts';

function begun() {
  const turn = new Turn();
  const exchange = exchangeOf();
  const outcomes: Outcome[] = [];
  exchange.onEnd((outcome) => void outcomes.push(outcome));
  turn.begin(exchange);
  return { turn, exchange, outcomes };
}

const reset = new GatewayError('upstream_reset');

test('an exchange ends with the status that the client saw', () => {
  const { turn, exchange, outcomes } = begun();
  expect([turn.is(exchange), turn.replied]).toEqual([true, false]);
  turn.answered(201);
  turn.end(undefined);
  expect([turn.is(exchange), turn.replied, outcomes]).toEqual([false, true, [{ status: 201, error: undefined }]]);
});

test('an exchange that nobody answered ends with 499', () => {
  const { turn, outcomes } = begun();
  turn.end(reset);
  expect(outcomes).toEqual([{ status: 499, error: reset }]);
});

test('an exchange that was answered with an error ends with it, unless a later one broke the reply', () => {
  for (const later of [undefined, reset]) {
    const { turn, exchange, outcomes } = begun();
    exchange.failure = new GatewayError('not_found');
    turn.answered(404);
    turn.end(later);
    expect(outcomes).toEqual([{ status: 404, error: later ?? exchange.failure }]);
  }
});

test('the next exchange begins anew', () => {
  const { turn, exchange } = begun();
  turn.answered(200);
  turn.end(undefined);
  const next = exchangeOf();
  turn.begin(next);
  expect([turn.is(exchange), turn.is(next), turn.replied]).toEqual([false, true, false]);
  turn.cancel(reset);
  expect([exchange.cancelError, next.cancelError]).toEqual([undefined, reset]);
});

test('between exchanges there is nothing to cancel or to end', () => {
  const turn = new Turn();
  turn.cancel(reset);
  turn.end(reset);
  expect(turn.is(exchangeOf())).toBe(false);
});
