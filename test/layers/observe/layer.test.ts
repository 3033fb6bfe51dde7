import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { observe } from '../../../src/layers/observe/layer.ts';
import { requestMetrics } from '../../../src/layers/observe/metrics.ts';
import type { Histogram } from '../../../src/lib/cell.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function setUp() {
  const clock = new ManualClock(5000);
  const metrics = new Metrics();
  const layer = observe('users', requestMetrics(metrics), clock);
  const read = (name: string) => {
    const series =
      metrics
        .all()
        .find((metric) => metric.name === name)
        ?.read() ?? [];
    return [...series].map(([labels, value]) => [labels, value] as [Record<string, string>, number | Histogram]);
  };
  const series = () => metrics.all().reduce((sum, metric) => sum + [...metric.read()].length, 0);
  return { clock, layer, read, series };
}

describe('An exchange', () => {
  test('is counted when it has ended, by route, method and class of status', () => {
    const { layer, read } = setUp();
    const reply = new Reply(200);
    const handler = layer(() => reply);
    const exchanges = [200, 204, 404].map((status) => ({ status, exchange: exchangeOf() }));
    for (const { exchange } of exchanges) expect(handler(exchange)).toBe(reply);
    expect(read('gateway_requests_total')).toEqual([]);
    for (const { status, exchange } of exchanges) exchange.end({ status, error: undefined });
    expect(read('gateway_requests_total')).toEqual([
      [{ route: 'users', method: 'GET', status: '2xx' }, 2],
      [{ route: 'users', method: 'GET', status: '4xx' }, 1],
    ]);
  });

  test('is timed from its whole head to its last byte, in seconds', () => {
    const { clock, layer, read } = setUp();
    const exchange = exchangeOf({ startedAt: 4500 });
    layer(() => new Reply(200))(exchange);
    clock.advance(1500);
    exchange.end({ status: 200, error: undefined });
    const [[labels, histogram]] = read('gateway_request_duration_seconds') as [[unknown, Histogram]];
    expect(labels).toEqual({ route: 'users' });
    expect([histogram.sum, histogram.counts.reduce((sum, count) => sum + count, 0)]).toEqual([2, 1]);
  });

  test.each(['BREW', 'get', 'PROPFIND'])('of the method %s is counted as other: clients invent methods, not series', (method) => {
    const { layer, read } = setUp();
    const exchange = exchangeOf({ method });
    layer(() => new Reply(200))(exchange);
    exchange.end({ status: 200, error: undefined });
    expect(read('gateway_requests_total')).toEqual([[{ route: 'users', method: 'other', status: '2xx' }, 1]]);
  });

  test('that throws below is counted too', () => {
    const { layer, read } = setUp();
    const exchange = exchangeOf();
    expect(() =>
      layer(() => {
        throw new Error('fault');
      })(exchange),
    ).toThrow('fault');
    exchange.end({ status: 500, error: new GatewayError('internal') });
    expect(read('gateway_requests_total')).toEqual([[{ route: 'users', method: 'GET', status: '5xx' }, 1]]);
  });
});

describe('A failure', () => {
  const failing = (code: 'upstream_reset' | 'client_gone' | 'internal') => {
    const { layer, read } = setUp();
    const exchange = exchangeOf();
    exchange.upstream = 'users/a:1';
    layer(() => new Reply(200))(exchange);
    exchange.end({ status: 502, error: new GatewayError(code) });
    return read('gateway_upstream_errors_total');
  };

  test('of the upstream is counted by upstream and code', () => {
    expect(failing('upstream_reset')).toEqual([[{ route: 'users', upstream: 'users/a:1', code: 'upstream_reset' }, 1]]);
  });

  test('of the client or of ours is none of the upstream', () => {
    expect([failing('client_gone'), failing('internal')]).toEqual([[], []]);
  });
});

test('whatever clients invent, the series stay as many', () => {
  const { layer, series } = setUp();
  const handler = layer(() => new Reply(200));
  const ask = (at: number) => {
    const headers = Headers.from([['User-Agent', `agent-${at}`]]);
    const exchange = exchangeOf({ target: `/p${at}`, authority: `h${at}.test`, method: `M${at}`, headers });
    handler(exchange);
    exchange.end({ status: 200 + (at % 300), error: undefined });
  };
  for (let at = 0; at < 300; at++) ask(at);
  const few = series();
  for (let at = 0; at < 10_000; at++) ask(at);
  expect(series()).toBe(few);
  expect(few).toBe(4);
});

test('a route that nobody asks for shows no series', () => {
  const metrics = new Metrics();
  const requests = requestMetrics(metrics);
  for (let route = 0; route < 10_000; route++) observe(`r${route}`, requests, new ManualClock())(() => new Reply(200));
  expect(metrics.all().flatMap((metric) => [...metric.read()])).toEqual([]);
});
