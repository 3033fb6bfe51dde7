import { expect, test } from 'vitest';
import { PowerOfTwo } from '../../../src/upstream/balancers/power-of-two.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

function open(endpoints: readonly Stub[]): () => Stub {
  const balancer = new PowerOfTwo<Stub>(seeded(1));
  balancer.update(endpoints);
  return () => balancer.pick(undefined) as Stub;
}

test('of two, the one with less to do for its weight is always picked', () => {
  const [a, b] = stubs([1, 3]) as [Stub, Stub];
  const pick = open([a, b]);
  [a.active, b.active] = [1, 2];
  for (let picks = 0; picks < 100; picks++) expect(pick()).toBe(b);
  b.active = 4;
  for (let picks = 0; picks < 100; picks++) expect(pick()).toBe(a);
});

test('the busiest of many is never picked, the idlest twice as often as by chance', () => {
  const endpoints = stubs(10);
  for (const [at, endpoint] of endpoints.entries()) endpoint.active = at;
  const pick = open(endpoints);
  const counts = new Map(endpoints.map((endpoint) => [endpoint, 0]));
  for (let picks = 0; picks < 10_000; picks++) {
    const endpoint = pick();
    counts.set(endpoint, (counts.get(endpoint) as number) + 1);
  }
  expect(counts.get(endpoints[9] as Stub)).toBe(0);
  expect(counts.get(endpoints[0] as Stub)).toBeGreaterThan(1850);
  expect(counts.get(endpoints[0] as Stub)).toBeLessThan(2150);
});

test('the most that anyone has is close to the mean', () => {
  const endpoints = stubs(100);
  const pick = open(endpoints);
  for (let attempt = 0; attempt < 10_000; attempt++) pick().active += 1;
  expect(Math.max(...endpoints.map(({ active }) => active))).toBeLessThanOrEqual(105);
});
