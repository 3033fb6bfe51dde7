import { expect, test } from 'vitest';
import { LeastResponseTime } from '../../../src/upstream/balancers/least-response-time.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

function picked(endpoints: readonly Stub[], picks = 100): Set<Stub> {
  const balancer = new LeastResponseTime<Stub>(seeded(1));
  balancer.update(endpoints);
  return new Set(Array.from({ length: picks }, () => balancer.pick(undefined) as Stub));
}

test.each([
  ['replies sooner', { latency: 20, active: 3, weight: 1 }, { latency: 90, active: 0, weight: 1 }],
  ['has less to do', { latency: 20, active: 3, weight: 1 }, { latency: 20, active: 4, weight: 1 }],
  ['weighs more', { latency: 40, active: 1, weight: 4 }, { latency: 30, active: 1, weight: 2 }],
  ['has never been asked', { latency: 0, active: 0, weight: 1 }, { latency: 1, active: 0, weight: 100 }],
  [
    'is known and idle, when the other is waited for',
    { latency: 500, active: 0, weight: 1 },
    { latency: 0, active: 1, weight: 1 },
  ],
  ['has less to do, when nothing is known', { latency: 0, active: 1, weight: 1 }, { latency: 0, active: 2, weight: 1 }],
])('of two, the one that %s is picked', (_, better, worse) => {
  const [a, b] = stubs(2) as [Stub, Stub];
  Object.assign(a, better);
  Object.assign(b, worse);
  expect(picked([a, b])).toEqual(new Set([a]));
  expect(picked([b, a])).toEqual(new Set([a]));
});

test('those of which nothing is known are all tried', () => {
  const endpoints = stubs(5);
  expect(picked(endpoints, 200)).toEqual(new Set(endpoints));
});
