import { expect, test } from 'vitest';
import { RoundRobin } from '../../../src/upstream/balancers/round-robin.ts';
import { type Stub, stubs } from './candidates.ts';

const [a, b, c, d] = stubs([1, 9, 1, 1]) as [Stub, Stub, Stub, Stub];

function picks(balancer: RoundRobin<Stub>, count: number, tried?: ReadonlySet<Stub>): (Stub | undefined)[] {
  return Array.from({ length: count }, () => balancer.pick(undefined, tried));
}

test('endpoints are picked one after the other, over and over, whatever their weights', () => {
  const balancer = new RoundRobin<Stub>();
  balancer.update([a, b, c]);
  expect(picks(balancer, 7)).toEqual([a, b, c, a, b, c, a]);
});

test('those that stay keep their turns when others come and go', () => {
  const balancer = new RoundRobin<Stub>();
  balancer.update([a, b, c]);
  expect(picks(balancer, 1)).toEqual([a]);
  balancer.update([d, a, c]);
  expect(picks(balancer, 4)).toEqual([c, d, a, c]);
  balancer.update([a, b]);
  expect(picks(balancer, 2)).toEqual([a, b]);
});

test('when none of them stays the first is next', () => {
  const balancer = new RoundRobin<Stub>();
  balancer.update([a, b]);
  picks(balancer, 1);
  balancer.update([c, d]);
  expect(picks(balancer, 2)).toEqual([c, d]);
});

test('retries have a turn of their own', () => {
  const balancer = new RoundRobin<Stub>();
  balancer.update([a, b, c]);
  expect(picks(balancer, 3, new Set([a]))).toEqual([b, c, b]);
  expect(picks(balancer, 3)).toEqual([a, b, c]);
  balancer.update([b, c, d]);
  expect(picks(balancer, 3, new Set([a]))).toEqual([c, d, b]);
});
