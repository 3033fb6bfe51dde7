import { expect, test } from 'vitest';
import { InTurn } from '../../../src/upstream/balancers/in-turn.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { type Stub, stubs } from './candidates.ts';

function picks(balancer: InTurn<Stub>, count: number, tried?: ReadonlySet<Stub>): (Stub | undefined)[] {
  return Array.from({ length: count }, () => balancer.pick(exchangeOf(), tried));
}

test('endpoints of equal weights are picked one after the other', () => {
  const balancer = new InTurn<Stub>();
  const [a, b, c] = stubs([2, 2, 2]) as [Stub, Stub, Stub];
  balancer.update([a, b, c]);
  expect(picks(balancer, 4)).toEqual([a, b, c, a]);
  expect(picks(balancer, 2, new Set([a, b]))).toEqual([c, c]);
});

test('endpoints of other weights are picked as often as these say, as soon as they are known', () => {
  const balancer = new InTurn<Stub>();
  const [a, b] = stubs([3, 1]) as [Stub, Stub];
  balancer.update([a]);
  expect(picks(balancer, 2)).toEqual([a, a]);
  balancer.update([a, b]);
  expect(picks(balancer, 400).filter((one) => one === a)).toHaveLength(300);
  balancer.update([]);
  expect(picks(balancer, 1)).toEqual([undefined]);
});
