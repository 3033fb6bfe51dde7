import { expect, test } from 'vitest';
import { stats } from '../../src/admin/stats.ts';
import { viewOf } from './view-of.ts';

test('stats say who this is, what it serves with, and how its upstreams are', () => {
  const at = Date.UTC(2026, 10, 21, 9, 30);
  const upstream = {
    address: '10.0.0.1:80',
    weight: 1,
    ready: false,
    reason: '3 failures',
    active: 2,
    requests: 10,
    failures: 3,
  };
  const users = { algorithm: 'random', upstreams: [{ ...upstream, latency_ms: 1.5, connections: 4, idle: 2, queued: 0 }] };
  const route = { id: 'r', path: '/**', methods: 'all', backend: 'users' } as const;
  const view = viewOf({
    state: () => 'draining',
    config: () => ({
      version: 'v2',
      loadedAt: at,
      reloads: [{ at: at + 1000, outcome: 'refused', version: 'v3', problems: ['no route'] }],
    }),
    routes: () => [route],
    backends: () => ({ users }),
  });
  expect(JSON.parse(JSON.stringify(stats(view)))).toEqual({
    state: 'draining',
    uptime_s: 61.2,
    version: '1.2.3',
    node: process.versions.node,
    connections: 3,
    config: {
      version: 'v2',
      loaded_at: '2026-11-21T09:30:00.000Z',
      reloads: [{ at: '2026-11-21T09:30:01.000Z', outcome: 'refused', version: 'v3', problems: ['no route'] }],
    },
    routes: [route],
    backends: { users },
    circuits: {},
  });
});

test('stats have each circuit under the name of its upstream, and none where there are none', () => {
  const circuit = {
    state: 'open',
    since: '2026-11-21T09:30:00.000Z',
    reason: 'a test',
    requests: 9,
    failures: 5,
    openings: 1,
  } as const;
  const upstream = {
    weight: 1,
    ready: true,
    active: 0,
    requests: 0,
    failures: 0,
    latency_ms: 0,
    connections: 0,
    idle: 0,
    queued: 0,
  };
  const users = {
    algorithm: 'random',
    upstreams: [
      { ...upstream, address: 'a:1', circuit },
      { ...upstream, address: 'b:1' },
    ],
  };
  const orders = { algorithm: 'random', upstreams: [{ ...upstream, address: 'a:1' }] };
  const { backends, circuits } = stats(viewOf({ backends: () => ({ users, orders }) }));
  expect([backends, circuits]).toEqual([{ users, orders }, { 'users/a:1': circuit }]);
});
