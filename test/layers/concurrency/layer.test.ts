import { expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import { Reply } from '../../../src/http/reply.ts';
import { concurrencySchema } from '../../../src/layers/concurrency/config.ts';
import { concurrency } from '../../../src/layers/concurrency/layer.ts';
import { MemoryConcurrency } from '../../../src/layers/concurrency/memory.ts';
import { concurrencyMetrics } from '../../../src/layers/concurrency/metrics.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { exchangeOf } from '../../support/exchanges.ts';

function setUp() {
  const metrics = new Metrics();
  const tools = { concurrency: new MemoryConcurrency(), metrics: concurrencyMetrics(metrics), ipv6Prefix: 64 };
  const route = (written: Record<string, unknown>, id = 'users', label?: string) =>
    concurrency(concurrencySchema.parse(written), id, tools, label)(() => new Reply(200));
  const series = (name: string) => [
    ...(metrics
      .all()
      .find((metric) => metric.name === name)
      ?.read() ?? []),
  ];
  return { tools, route, series };
}

function asking(address = '192.0.2.7'): Exchange {
  return Object.assign(exchangeOf({ peer: { address } }), { routeId: 'users', requestId: 'r1' });
}

const ended = { status: 200, error: undefined };

test('Requests that have outlived their route are shown as long as they last', () => {
  const { route, series, tools } = setUp();
  const exchange = asking();
  route({ limit: 2 })(exchange);
  tools.metrics.keep(new Set(['others']));
  expect(series('gateway_concurrency_in_flight')).toEqual([[{ route: 'users' }, 1]]);
  tools.metrics.keep(new Set(['users']));
  route({ limit: 2 })(asking());
  expect(series('gateway_concurrency_in_flight')).toEqual([[{ route: 'users' }, 2]]);
  tools.metrics.keep(new Set(['others']));
  exchange.end(ended);
  expect(series('gateway_concurrency_in_flight')).toEqual([[{ route: 'users' }, 1]]);
});

test('So many are in progress at a time, until the last byte of their replies', () => {
  const { route, series, tools } = setUp();
  const handler = route({ limit: 2 });
  const first = asking();
  const statuses = [first, asking(), asking()].map((exchange) => (handler(exchange) as Reply).status);
  expect(statuses).toEqual([200, 200, 429]);
  expect(series('gateway_concurrency_in_flight')).toEqual([[{ route: 'users' }, 2]]);
  expect(series('gateway_concurrency_refused_total')).toEqual([[{ route: 'users' }, 1]]);
  first.end(ended);
  first.end(ended);
  expect((handler(asking()) as Reply).status).toBe(200);
  expect((handler(asking()) as Reply).status).toBe(429);
  expect(tools.concurrency.size).toBe(1);
});

test('Who is refused is told why, and when to ask again', () => {
  const handler = setUp().route({ limit: 1 });
  handler(asking());
  const refused = handler(asking()) as Reply;
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(JSON.parse(String(refused.body))).toMatchObject({
    code: 'too_many_at_once',
    detail: 'Not more than 1 at a time: try again when one of them is done.',
    request_id: 'r1',
  });
});

test('A place is given back whatever way the exchange ends', () => {
  const { tools } = setUp();
  const failing = concurrency(
    concurrencySchema.parse({ limit: 1 }),
    'users',
    tools,
  )(() => {
    throw new GatewayError('upstream_connect');
  });
  const exchange = asking();
  expect(() => failing(exchange)).toThrow();
  expect(tools.concurrency.size).toBe(1);
  exchange.end({ status: 502, error: undefined });
  expect(tools.concurrency.size).toBe(0);
});

test('Keys count apart, and routes too unless the key is global', () => {
  const { route } = setUp();
  const statuses = (handler: ReturnType<typeof route>, ...addresses: string[]) =>
    addresses.map((address) => (handler(asking(address)) as Reply).status);
  const byIp = { limit: 1, key: 'ip' };
  expect(statuses(route(byIp, 'a'), '192.0.2.1', '192.0.2.2', '192.0.2.1')).toEqual([200, 200, 429]);
  expect(statuses(route(byIp, 'b'), '192.0.2.1')).toEqual([200]);
  const global = { limit: 1, key: 'global+ip' };
  expect(statuses(route(global, 'c'), '2001:db8::1')).toEqual([200]);
  expect(statuses(route(global, 'd'), '2001:db8::2')).toEqual([429]);
});

test('Routes that are gone are shown no more', () => {
  const { route, tools, series } = setUp();
  const handler = route({ limit: 1 }, 'users', 'all');
  const exchange = asking();
  handler(exchange);
  handler(asking());
  exchange.end(ended);
  expect(series('gateway_concurrency_refused_total')).toEqual([[{ route: 'all' }, 1]]);
  tools.metrics.keep(new Set(['users']));
  expect([series('gateway_concurrency_refused_total'), series('gateway_concurrency_in_flight')]).toEqual([[], []]);
});
