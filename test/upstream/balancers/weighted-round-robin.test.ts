import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeightedRoundRobin } from '../../../src/upstream/balancers/weighted-round-robin.ts';
import { type Stub, stubs } from './candidates.ts';

function counts(balancer: WeightedRoundRobin<Stub>, endpoints: readonly Stub[], picks: number): number[] {
  const picked = Array.from({ length: picks }, () => balancer.pick(undefined));
  return endpoints.map((endpoint) => picked.filter((one) => one === endpoint).length);
}
const sum = (weights: readonly number[]) => weights.reduce((total, weight) => total + weight, 0);

test('turns are by weight and evenly mixed', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const [a, b, c] = stubs([5, 1, 1]) as [Stub, Stub, Stub];
  balancer.update([a, b, c]);
  const round = [a, b, a, a, a, c, a];
  expect(Array.from({ length: 14 }, () => balancer.pick(undefined))).toEqual([...round, ...round]);
});

test('equal weights take turns', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const endpoints = stubs([3, 3]);
  balancer.update(endpoints);
  const picked = Array.from({ length: 8 }, () => endpoints.indexOf(balancer.pick(undefined) as Stub));
  expect(picked.join('')).toMatch(/^(01){4}$|^(10){4}$/);
});

test('every round gives each exactly its weight', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weights, (given) => {
      const balancer = new WeightedRoundRobin<Stub>();
      const endpoints = stubs(given);
      balancer.update(endpoints);
      for (let round = 0; round < 3; round++) expect(counts(balancer, endpoints, sum(given))).toEqual(given);
    }),
    { numRuns: 100 },
  );
});

test('a million turns later the shares are still exact', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const weights = [7919, 3, 1];
  const endpoints = stubs(weights);
  balancer.update(endpoints);
  const rounds = 126;
  let heavy = 0;
  for (let turn = 0; turn < rounds * sum(weights); turn++) if (balancer.pick(undefined) === endpoints[0]) heavy += 1;
  expect(heavy).toBe(7919 * rounds);
});

test('any number of turns in a row is close to the shares', () => {
  const weights = [50, 30, 10, 5, 5];
  const balancer = new WeightedRoundRobin<Stub>();
  const endpoints = stubs(weights);
  balancer.update(endpoints);
  const taken = new Map(endpoints.map((endpoint) => [endpoint, 0]));
  for (let turn = 1; turn <= 300; turn++) {
    const endpoint = balancer.pick(undefined) as Stub;
    taken.set(endpoint, (taken.get(endpoint) as number) + 1);
    for (const one of endpoints) expect(Math.abs((taken.get(one) as number) - (turn * one.weight) / 100)).toBeLessThan(2.5);
  }
});

test('an update that changes nothing leaves the order as it would have been', () => {
  const weights = [5, 3, 1, 1];
  const [plain, updated] = [new WeightedRoundRobin<Stub>(), new WeightedRoundRobin<Stub>()];
  const endpoints = stubs(weights);
  plain.update(endpoints);
  updated.update(endpoints);
  for (let turn = 0; turn < 40; turn++) {
    expect(updated.pick(undefined)).toBe(plain.pick(undefined));
    updated.update([...endpoints]);
  }
});

test('those that stay lose no turn and gain none when others come and go', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const [a, b, c, d] = stubs([4, 2, 2, 8]) as [Stub, Stub, Stub, Stub];
  balancer.update([a, b, c]);
  const first = counts(balancer, [a, b], 3);
  balancer.update([d, b, a]);
  const second = counts(balancer, [a, b, d], 11);
  expect(Math.abs((first[0] as number) + (second[0] as number) - 5)).toBeLessThanOrEqual(1);
  expect(Math.abs((second[2] as number) - 6)).toBeLessThanOrEqual(1);
});

test('a new weight counts from where the round is', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const [a, b] = stubs([1, 10]) as [Stub, Stub];
  balancer.update([a, b]);
  counts(balancer, [a, b], 8);
  a.weight = 10;
  balancer.update([a, b]);
  const [of_a = 0, of_b = 0] = counts(balancer, [a, b], 20);
  expect(Math.abs(of_a - of_b)).toBeLessThanOrEqual(2);
});

test('turns that were passed over are not made up for', () => {
  const balancer = new WeightedRoundRobin<Stub>();
  const [a, b, c] = stubs([1, 10, 10]) as [Stub, Stub, Stub];
  balancer.update([a, b, c]);
  for (let retries = 0; retries < 1000; retries++) expect(balancer.pick(undefined, new Set([a]))).not.toBe(a);
  const next = Array.from({ length: 110 }, () => balancer.pick(undefined, new Set([c])));
  expect(Math.abs(next.filter((one) => one === a).length - 10)).toBeLessThanOrEqual(1);
});
