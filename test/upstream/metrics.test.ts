import { describe, expect, test } from 'vitest';
import type { Histogram } from '../../src/lib/cell.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { UpstreamMetrics } from '../../src/upstream/metrics.ts';

function setUp() {
  const metrics = new Metrics();
  const upstream = new UpstreamMetrics(metrics);
  const read = (name: string) =>
    [
      ...(metrics
        .all()
        .find((metric) => metric.name === name)
        ?.read() ?? []),
    ].map(([labels, value]) => [
      Object.values(labels).join(' '),
      typeof value === 'number' ? value : (value as Histogram).counts.reduce((sum, count) => sum + count, 0),
    ]);
  const series = () => metrics.all().reduce((sum, metric) => sum + [...metric.read()].length, 0);
  return { metrics, upstream, read, series };
}

describe('An endpoint', () => {
  test('counts its attempts by class of status, and those without a reply', () => {
    const { upstream, read } = setUp();
    const endpoint = upstream.endpoint('users', '10.0.0.1:80');
    for (const status of [200, 204, 503, undefined]) endpoint.attempted(status, 5);
    expect(read('gateway_upstream_requests_total')).toEqual([
      ['users 10.0.0.1:80 2xx', 2],
      ['users 10.0.0.1:80 5xx', 1],
      ['users 10.0.0.1:80 none', 1],
    ]);
  });

  test('times those that were answered, in seconds', () => {
    const { upstream, read, metrics } = setUp();
    const endpoint = upstream.endpoint('users', 'a:1');
    endpoint.attempted(200, 1500);
    endpoint.attempted(undefined, 9000);
    expect(read('gateway_upstream_request_duration_seconds')).toEqual([['users a:1', 1]]);
    const histogram = metrics.all().find(({ name }) => name === 'gateway_upstream_request_duration_seconds');
    expect([...(histogram?.read() ?? [])][0]?.[1]).toMatchObject({ sum: 1.5 });
  });

  test('shows nothing before it was asked, and nothing after it was closed', () => {
    const { upstream, series } = setUp();
    const endpoint = upstream.endpoint('users', 'a:1');
    expect(series()).toBe(0);
    endpoint.attempted(200, 1);
    expect(series()).toBe(2);
    endpoint.close();
    endpoint.attempted(500, 1);
    expect(series()).toBe(0);
  });

  test('that takes the place of another of its name goes on counting where that one stopped', () => {
    const { upstream, read } = setUp();
    const old = upstream.endpoint('users', 'a:1');
    old.attempted(200, 1);
    const next = upstream.endpoint('users', 'a:1');
    next.attempted(200, 1);
    old.close();
    next.attempted(200, 1);
    expect(read('gateway_upstream_requests_total')).toEqual([['users a:1 2xx', 3]]);
    next.close();
    expect(read('gateway_upstream_requests_total')).toEqual([]);
  });

  test('that came back later starts anew', () => {
    const { upstream, read } = setUp();
    const first = upstream.endpoint('users', 'a:1');
    first.attempted(200, 1);
    first.close();
    upstream.endpoint('users', 'a:1').attempted(200, 1);
    expect(read('gateway_upstream_requests_total')).toEqual([['users a:1 2xx', 1]]);
  });
});

test('a backend counts retries by what became of them, from zero', () => {
  const { upstream, read } = setUp();
  const [old, next] = [upstream.backend('users'), upstream.backend('users')];
  old.retries.sent.add();
  old.close();
  next.retries.sent.add();
  expect(read('gateway_retries_total')).toEqual([
    ['users sent', 2],
    ['users hedged', 0],
    ['users no_budget', 0],
  ]);
  next.close();
  expect(read('gateway_retries_total')).toEqual([]);
});

test('pools are shown as they are at that moment', () => {
  const { upstream, read } = setUp();
  let idle = 3;
  upstream.pools(() => [{ backend: 'users', upstream: 'a:1', state: { connections: 5, idle, queued: 0 } }]);
  idle = 4;
  expect(read('gateway_pool_connections')).toEqual([
    ['users a:1 active', 1],
    ['users a:1 idle', 4],
  ]);
});

test('a hundred thousand changes of configuration leave no series behind', () => {
  const { upstream, series } = setUp();
  const used = (round: number) => {
    const backend = upstream.backend(`b${round % 1000}`);
    const endpoint = upstream.endpoint(`b${round % 1000}`, `10.0.${round % 251}.${round % 256}:80`);
    endpoint.attempted(200, 1);
    endpoint.attempted(undefined, 1);
    return { backend, endpoint };
  };
  let current = used(0);
  const few = series();
  for (let round = 1; round < 100_000; round++) {
    const next = used(round);
    current.endpoint.close();
    current.backend.close();
    current = next;
  }
  expect(series()).toBe(few);
  current.endpoint.close();
  current.backend.close();
  expect(series()).toBe(0);
});
