import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { addresses, BackendRig, nameOf } from '../support/backends.ts';
import { turns } from '../support/channels.ts';
import { exchangeOf } from '../support/exchanges.ts';

let rig: BackendRig;
beforeEach(() => {
  rig = new BackendRig();
});

const picks = (count: number) =>
  Array.from({ length: count }, () => nameOf(rig.backend.pick(exchangeOf())?.address ?? '')).join('');
const names = () => rig.backend.endpoints.map(({ address }) => nameOf(address)).join('');

describe('A new configuration', () => {
  test('that is the same changes nothing', () => {
    const backend = rig.apply();
    const before = backend.endpoints;
    expect(rig.apply()).toBe(backend);
    expect(backend.endpoints).toBe(before);
  });

  test('keeps what it leaves as it was: endpoints, connections, counts, and the place in the round', () => {
    rig.apply({ upstreams: addresses('a', 'b', 'c') });
    expect(picks(2)).toBe('ab');
    const c = rig.endpoint('c');
    rig.backend.begun(c);
    rig.apply({ upstreams: addresses('a', 'b', 'c', 'd') });
    expect([rig.endpoint('c') === c, c.active, c.requests]).toEqual([true, 1, 1]);
    expect(rig.transports.map(({ closed }) => closed)).toEqual([0, 0, 0, 0]);
    expect(picks(4)).toBe('cdab');
  });

  test.each([
    ['weights', { weight: 5 }],
    ['backups', { backup: true }],
    ['zones', { zone: 'x' }],
  ])('of other %s keeps connections', (_what, change) => {
    rig.apply();
    const [a] = rig.backend.endpoints;
    rig.apply({ upstreams: addresses({ name: 'a', ...change }, 'b') });
    expect([rig.backend.endpoints[0] === a, rig.transports.length, a?.terms]).toMatchObject([true, 2, change]);
  });

  test('of other weights and backups is heard by the balancer', () => {
    rig.apply({ algorithm: 'weighted_round_robin' });
    rig.apply({ algorithm: 'weighted_round_robin', upstreams: addresses({ name: 'a', weight: 3 }, 'b') });
    expect([...picks(8)].filter((one) => one === 'a')).toHaveLength(6);
    rig.apply({ algorithm: 'weighted_round_robin', upstreams: addresses({ name: 'a', weight: 3, backup: true }, 'b') });
    expect(picks(4)).toBe('bbbb');
  });

  test.each<[string, Record<string, unknown>]>([
    ['other limits of time', { upstreams: addresses({ name: 'a', read_timeout: '9s' }, 'b') }],
    ['other limits of connections', { upstreams: addresses({ name: 'a', max_connections: 9 }, 'b') }],
    ['TLS', { upstreams: addresses({ name: 'a', tls: true }, 'b') }],
  ])(
    'that reaches an upstream with %s makes other connections, the old ones drain, and what is known of it stays',
    (_what, change) => {
      rig.apply();
      const [a, b] = rig.backend.endpoints;
      rig.backend.failed(rig.endpoint('a'), new GatewayError('upstream_connect'), false);
      rig.apply(change);
      expect([rig.backend.endpoints[0] === a, rig.backend.endpoints[1] === b]).toEqual([true, true]);
      expect(rig.transports.map(({ closed }) => closed)).toEqual([1, 0, 0]);
      expect([rig.transportOf('a') === rig.transports[2], picks(2)]).toEqual([true, 'bb']);
    },
  );

  test.each([
    ['pool', { pool: { max_idle: 1 } }],
    ['engine', { transport: 'undici' }],
  ])('with another %s makes all connections anew', (_what, change) => {
    rig.apply();
    rig.apply(change);
    expect(rig.transports.map(({ closed }) => closed)).toEqual([1, 1, 0, 0]);
  });

  test('with TLS that no upstream speaks changes no endpoint', () => {
    rig.apply();
    rig.apply({ tls: { verify: false } });
    expect(rig.transports).toHaveLength(2);
  });

  test('without an upstream closes it; its requests finish and are counted down', () => {
    rig.apply();
    const a = rig.endpoint('a');
    rig.backend.begun(a);
    rig.apply({ upstreams: addresses('b') });
    expect([names(), picks(3), (a.transport as (typeof rig.transports)[0]).closed]).toEqual(['b', 'bbb', 1]);
    rig.backend.ended(a, true);
    expect(a.active).toBe(0);
  });

  test('with another algorithm has another balancer, and the endpoints stay', () => {
    rig.apply();
    rig.apply({ algorithm: 'least_connections' });
    rig.backend.begun(rig.endpoint('a'));
    rig.backend.begun(rig.endpoint('a'));
    expect([picks(1), rig.transports.length]).toEqual(['b', 2]);
  });

  test('with another budget keeps what was counted', () => {
    rig.apply({ retry_budget: { ratio: 1, min_per_second: 0 } });
    for (let request = 0; request < 10; request++) rig.backend.budget.count(rig.clock.now());
    rig.apply({ retry_budget: { ratio: 0.1, min_per_second: 0 } });
    expect([rig.backend.budget.take(), rig.backend.budget.take()]).toEqual([true, false]);
  });

  test('is planned before it is in force, and can be given up', () => {
    const backend = rig.apply();
    const discarded = rig.backends.plan({}, new Map());
    discarded.discard();
    expect([rig.backend === backend, rig.transports[0]?.closed]).toEqual([true, 0]);
  });
});

describe('A name of an upstream', () => {
  test('that stands for other addresses retires the connections to the old ones, until the upstream is gone', async () => {
    rig.hosts.set('up.test', ['192.0.2.1']);
    const upstreams = [{ address: 'up.test:80' }, { address: '192.0.2.9:80' }];
    rig.apply({ upstreams });
    await turns(1);
    rig.hosts.set('up.test', ['192.0.2.2', '192.0.2.3']);
    for (let time = 0; time < 8; time++) {
      rig.clock.advance(1000);
      await turns(1);
    }
    expect(rig.transports[0]?.kept.map((kept) => [...kept].sort())).toEqual([['192.0.2.2', '192.0.2.3']]);
    rig.apply({ upstreams: upstreams.slice(1) });
    rig.hosts.set('up.test', ['192.0.2.4']);
    for (let time = 0; time < 12; time++) {
      rig.clock.advance(1000);
      await turns(1);
    }
    expect(rig.transports[0]?.kept).toHaveLength(1);
    rig.backends.close();
    expect(rig.clock.pending).toBe(0);
  });
});
