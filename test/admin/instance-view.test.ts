import { beforeEach, describe, expect, test } from 'vitest';
import { backendViews } from '../../src/admin/instance-view.ts';
import { addresses, BackendRig } from '../support/backends.ts';

let rig: BackendRig;
beforeEach(() => {
  rig = new BackendRig();
});
const shown = () => backendViews(rig.backends.all())['users']?.upstreams[0];

describe('An upstream', () => {
  test('is shown as it is, without a circuit where it has none', () => {
    rig.apply({ upstreams: addresses('a') });
    expect(shown()).toMatchObject({ address: '192.0.2.1:80', weight: 1, ready: true, active: 0, requests: 0, failures: 0 });
    expect([shown()?.reason, shown()?.circuit]).toEqual([undefined, undefined]);
  });

  test('is shown with its circuit, in each state', () => {
    rig.apply({ upstreams: addresses('a'), circuit_breaker: { failure_threshold: 2, open_for: '10s' } });
    const a = rig.endpoint('a');
    rig.backend.begun(a)?.end(true);
    rig.backend.begun(a)?.broke('connect');
    const since = '2026-01-02T03:04:05.000Z';
    expect(shown()?.circuit).toEqual({ state: 'closed', since, requests: 2, failures: 1, openings: 0 });
    rig.clock.advance(1000);
    rig.backend.begun(a)?.broke('reset');
    rig.clock.advance(2500);
    const reason = '2 failures within 60s, the last: reset';
    const opened = { since: '2026-01-02T03:04:06.000Z', reason, requests: 3, failures: 2, openings: 1 };
    expect(shown()?.circuit).toEqual({ state: 'open', ...opened, tried_in_s: 8 });
    expect([shown()?.ready, shown()?.reason]).toEqual([false, `circuit open: ${reason}`]);
    rig.clock.advance(7500);
    expect(shown()).toMatchObject({ ready: true, reason: `circuit half-open: ${reason}` });
    expect(shown()?.circuit).toEqual({ state: 'half_open', ...opened, since: '2026-01-02T03:04:16.000Z' });
  });
});
