import { beforeEach, describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../src/http/errors.ts';
import { addresses, BackendRig, nameOf } from '../support/backends.ts';
import { turns } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';

let rig: BackendRig;
beforeEach(() => {
  rig = new BackendRig();
});

const picked = () =>
  [...new Set(Array.from({ length: 12 }, () => nameOf(rig.backend.pick(exchangeOf())?.address ?? '')))].sort().join('');
const fail = (name: string, code: ErrorCode = 'upstream_connect') =>
  rig.backend.failed(rig.endpoint(name), new GatewayError(code), false);
const logged = () => rig.log.entries.map(([level, , message]) => `${level}: ${message}`);

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    rig.clock.advance(Math.min(100, left));
    await turns(1);
  }
}

describe('An upstream that cannot be reached', () => {
  test('is passed over for a second, then for two, up to thirty', async () => {
    rig.apply();
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      fail('a');
      fail('a');
      expect(picked()).toBe('b');
      rig.clock.advance(pause - 1);
      expect(picked()).toBe('b');
      rig.clock.advance(101);
      expect(picked()).toBe('ab');
    }
    expect(logged()).toEqual(new Array(7).fill('warn: connections to an upstream fail'));
  });

  test('is told of with what is wrong, as far as that is known', () => {
    rig.apply();
    const error = new GatewayError('upstream_connect', undefined, new Error('certificate has expired'));
    rig.backend.failed(rig.endpoint('a'), error, false);
    fail('b', 'upstream_connect_timeout');
    expect(rig.log.entries.map(([, fields]) => fields)).toMatchObject([
      { problem: 'certificate has expired', pause_ms: 1000 },
      { problem: 'upstream_connect_timeout', pause_ms: 1000 },
    ]);
  });

  test('counts as new as soon as it replies, whatever the reply', () => {
    rig.apply();
    for (let time = 0; time < 3; time++) {
      fail('a');
      rig.clock.advance(5000);
    }
    fail('a');
    rig.backend.replied(rig.endpoint('a'), 500, 1);
    expect(picked()).toBe('ab');
    fail('a');
    rig.clock.advance(1100);
    expect(picked()).toBe('ab');
  });

  test('and replies in between is told of once a second, not once each time', () => {
    rig.apply({ upstreams: addresses('a') });
    for (let ms = 0; ms < 2500; ms += 10) {
      fail('a');
      rig.backend.replied(rig.endpoint('a'), 200, 1);
      rig.clock.advance(10);
    }
    expect(logged()).toEqual(new Array(3).fill('warn: connections to an upstream fail'));
  });

  test('is asked all the same when there is no other', () => {
    rig.apply({ upstreams: addresses('a') });
    fail('a');
    expect(picked()).toBe('a');
  });

  test('stands back for backups, which are asked instead', () => {
    rig.apply({ upstreams: addresses('a', { name: 'b', backup: true }) });
    fail('a');
    expect(picked()).toBe('b');
  });

  test.each<ErrorCode>(['upstream_reset', 'upstream_timeout', 'upstream_invalid_reply'])(
    'is not one that broke off in another way (%s)',
    (code) => {
      rig.apply();
      fail('a', code);
      expect([picked(), rig.endpoint('a').readiness.reachable]).toEqual(['ab', true]);
    },
  );

  test('and is taken off the list is forgotten', () => {
    rig.apply();
    const a = rig.endpoint('a');
    fail('a');
    rig.apply({ upstreams: addresses('b') });
    rig.backend.failed(a, new GatewayError('upstream_connect'), false);
    expect([rig.tools.wheel.size, picked()]).toEqual([0, 'b']);
    rig.apply();
    expect(picked()).toBe('ab');
  });

  test('keeps its pause through a reload', () => {
    rig.apply();
    fail('a');
    rig.apply({ upstreams: addresses('a', 'b', 'c') });
    expect(picked()).toBe('bc');
    rig.clock.advance(1100);
    expect(picked()).toBe('abc');
  });
});

describe('An upstream that fails again and again', () => {
  const outlier_detection = { consecutive_failures: 3, base_ejection: '30s', interval: '10s', max_ejected: 0.5 };

  test.each(['5xx', 'upstream_reset', 'upstream_timeout'] as const)('is ejected for a while (%s)', (how) => {
    rig.apply({ outlier_detection });
    for (let time = 0; time < 3; time++) {
      expect(picked()).toBe('ab');
      if (how === '5xx') rig.backend.replied(rig.endpoint('a'), 500, 1);
      else fail('a', how);
    }
    expect([picked(), rig.endpoint('a').readiness.reason]).toEqual(['b', '3 failures in a row: ejected for 30s']);
    rig.clock.advance(30_000);
    expect(picked()).toBe('ab');
    expect(logged()).toEqual(['warn: an upstream is not ready', 'info: an upstream is ready again']);
  });

  test('is not ejected for failures between good replies', () => {
    rig.apply({ outlier_detection });
    for (let time = 0; time < 9; time++) {
      const status = time % 3 === 0 ? 200 : 500;
      rig.backend.begun(rig.endpoint('a'));
      rig.backend.replied(rig.endpoint('a'), status, 1);
      rig.backend.ended(rig.endpoint('a'), status === 200);
    }
    expect(picked()).toBe('ab');
  });

  test('is ejected when the bodies of its good replies break off', () => {
    rig.apply({ outlier_detection });
    const a = rig.endpoint('a');
    for (let time = 0; time < 3; time++) {
      rig.backend.begun(a);
      rig.backend.replied(a, 200, 1);
      rig.backend.failed(a, new GatewayError('upstream_reset'), true);
      rig.backend.ended(a, false);
    }
    expect(picked()).toBe('b');
  });

  test('stays ejected through a reload that leaves this alone, and is back after one that does not', () => {
    rig.apply({ outlier_detection });
    for (let time = 0; time < 3; time++) fail('a', 'upstream_reset');
    rig.apply({ outlier_detection, upstreams: addresses('a', 'b', 'c') });
    expect(picked()).toBe('bc');
    rig.apply({ upstreams: addresses('a', 'b', 'c') });
    expect(picked()).toBe('abc');
    rig.backends.close();
    expect(rig.clock.pending).toBe(0);
  });
});

describe('An upstream that its checks find broken', () => {
  const health_check = { path: '/health', interval: '1s', failure_threshold: 2, success_threshold: 2 };

  test('is passed over until they find it well again', async () => {
    rig.apply({ health_check });
    rig.problems.set('a', 'status 503');
    await pass(4000);
    expect([picked(), rig.endpoint('a').readiness.reason]).toEqual(['b', expect.stringContaining('status 503')]);
    rig.problems.clear();
    await pass(4000);
    expect(picked()).toBe('ab');
    expect(logged()).toEqual(['warn: an upstream is not ready', 'info: an upstream is ready again']);
  });

  test('stays so through a reload, has to pass other checks, and is believed well when there are none', async () => {
    rig.apply({ health_check });
    rig.problems.set('a', 'status 503');
    await pass(4000);
    rig.apply({ health_check, upstreams: addresses('a', 'b', 'c') });
    expect(picked()).toBe('bc');
    rig.apply({ health_check: { ...health_check, path: '/other', success_threshold: 3 }, upstreams: addresses('a', 'b', 'c') });
    expect([picked(), rig.endpoint('a').readiness.reason]).toEqual(['bc', 'http /health: status 503']);
    rig.problems.clear();
    await pass(2000);
    expect(picked()).toBe('bc');
    await pass(4000);
    expect(picked()).toBe('abc');
    rig.problems.set('a', 'status 503');
    await pass(4000);
    expect(picked()).toBe('bc');
    rig.apply({ upstreams: addresses('a', 'b', 'c') });
    expect([picked(), rig.clock.pending]).toEqual(['abc', 0]);
  });
});
