import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import type { Endpoint } from '../../src/upstream/endpoint.ts';
import { addresses, BackendRig, nameOf } from '../support/backends.ts';
import { exchangeOf } from '../support/exchanges.ts';

let rig: BackendRig;
beforeEach(() => {
  rig = new BackendRig();
});

const pick = (tried?: ReadonlySet<Endpoint>) => nameOf(rig.backend.pick(exchangeOf(), tried)?.address ?? '');
const picks = (count: number) => Array.from({ length: count }, () => pick()).join('');
const share = (name: string, of = 1000) => [...picks(of)].filter((one) => one === name).length / of;

describe('A pick', () => {
  test('is none where nobody is ready', () => {
    rig.apply();
    for (const name of ['a', 'b']) rig.judge(name, false);
    expect(rig.backend.pick(exchangeOf())).toBeUndefined();
    expect(rig.backend.pick(exchangeOf(), new Set([rig.endpoint('a')]))).toBeUndefined();
  });

  test('passes over an endpoint that has no room, while another has some', () => {
    rig.apply({ upstreams: addresses('a', 'b', 'c') });
    rig.transportOf('a').saturated = true;
    expect(share('a', 30)).toBe(0);
    rig.transportOf('b').saturated = true;
    expect(picks(4)).toBe('cccc');
    rig.transportOf('c').saturated = true;
    expect([...new Set(picks(9))].sort().join('')).toBe('abc');
  });

  test('finds the one with room among a hundred', () => {
    rig.apply({ upstreams: Array.from({ length: 60 }, (_, at) => ({ address: `192.0.2.${at + 1}:80` })) });
    for (const transport of rig.transports) transport.saturated = true;
    const [last] = rig.transports.slice(-1);
    if (last !== undefined) last.saturated = false;
    expect(rig.backend.pick(exchangeOf())?.transport).toBe(last);
  });

  test('for another try is one that stands back for others, when those have all been tried: the one with least to do', () => {
    rig.apply({ upstreams: addresses('a', { name: 'b', backup: true }, { name: 'c', backup: true }) });
    rig.backend.begun(rig.endpoint('b'));
    const tried = new Set([rig.endpoint('a')]);
    expect(pick(tried)).toBe('c');
    expect(pick(tried.add(rig.endpoint('c')))).toBe('b');
    expect(pick(tried.add(rig.endpoint('b')))).toBe('a');
  });

  test('for another try is not one that is not ready', () => {
    rig.apply({ upstreams: addresses('a', { name: 'b', backup: true }) });
    rig.judge('b', false);
    expect(pick(new Set([rig.endpoint('a')]))).toBe('a');
  });
});

describe('The panic threshold', () => {
  test('makes all endpoints count when fewer are ready', () => {
    rig.apply({ upstreams: addresses('a', 'b', 'c', 'd'), panic_threshold: 0.5 });
    for (const name of ['a', 'b']) rig.judge(name, false);
    expect([...new Set(picks(20))].sort().join('')).toBe('cd');
    rig.judge('c', false);
    expect([...new Set(picks(20))].sort().join('')).toBe('abcd');
    rig.judge('c', true);
    expect([...new Set(picks(20))].sort().join('')).toBe('cd');
  });
});

describe('An endpoint that has become ready', () => {
  beforeEach(() => {
    rig.apply({ slow_start: '10s', algorithm: 'random' });
    rig.judge('a', false);
    rig.clock.advance(60_000);
    rig.judge('a', true);
  });

  test('gets a share that grows to the whole, and a tenth of that at once', () => {
    // Where the lot falls on it, it is taken with the chance of its share; else the other is.
    expect(Math.abs(share('a') - 0.5 * 0.1)).toBeLessThan(0.04);
    rig.clock.advance(5000);
    expect(Math.abs(share('a') - 0.5 * 0.5)).toBeLessThan(0.04);
    rig.clock.advance(5000);
    expect(Math.abs(share('a') - 0.5)).toBeLessThan(0.04);
    expect(rig.endpoint('a').readySince).toBe(0);
  });

  test('gets everything when it is the only one', () => {
    rig.judge('b', false);
    expect(picks(20)).toBe('a'.repeat(20));
  });

  test('has its whole share at once without a slow start', () => {
    rig.apply({ algorithm: 'random' });
    rig.judge('a', false);
    rig.judge('a', true);
    expect(Math.abs(share('a') - 0.5)).toBeLessThan(0.04);
  });

  test('is slow to come when it is new, but not when all are', () => {
    rig.apply({ slow_start: '10s', algorithm: 'random', upstreams: addresses('a', 'b', 'c') });
    expect(rig.endpoint('c').readySince).toBe(rig.clock.now());
    const other = new BackendRig();
    other.apply({ slow_start: '10s' });
    expect(other.backend.endpoints.map(({ readySince }) => readySince)).toEqual([0, 0]);
  });
});

describe('What is counted of an endpoint', () => {
  test('is requests, failures, and how long replies take', () => {
    rig.apply();
    const a = rig.endpoint('a');
    const { backend } = rig;
    for (const status of [200, 404, 503]) {
      backend.begun(a);
      backend.replied(a, status, 20);
      backend.ended(a, status < 500);
    }
    backend.begun(a);
    backend.failed(a, new GatewayError('upstream_reset'), false);
    backend.ended(a, false);
    expect([a.active, a.requests, a.failures, a.latency]).toEqual([0, 4, 2, 20]);
    const [requests] = rig.metrics.all().filter(({ name }) => name === 'gateway_upstream_requests_total');
    const counted = [...(requests?.read() ?? [])].map(([labels, value]) => [labels.status, value]);
    expect(counted).toEqual([
      ['2xx', 1],
      ['4xx', 1],
      ['5xx', 1],
      ['none', 1],
    ]);
  });
});

test('A closed backend leaves nothing: no connection, no timer, no series', () => {
  rig.apply({
    health_check: { path: '/', interval: '1s' },
    outlier_detection: { consecutive_failures: 1 },
    upstreams: addresses('a', 'b', 'c'),
  });
  const { backend } = rig;
  const [a, b] = [rig.endpoint('a'), rig.endpoint('b')];
  backend.failed(a, new GatewayError('upstream_connect'), false);
  backend.begun(b);
  rig.backends.close();
  // It was still on its way.
  backend.failed(b, new GatewayError('upstream_connect'), false);
  backend.ended(b, false);
  expect([rig.tools.wheel.size, rig.transports.map(({ closed }) => closed)]).toEqual([0, [1, 1, 1]]);
  rig.clock.advance(100);
  expect(rig.clock.pending).toBe(0);
  expect(rig.metrics.all().flatMap((metric) => [...metric.read()])).toEqual([]);
});
