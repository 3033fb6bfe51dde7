import { expect, test } from 'vitest';
import { LeastConnections } from '../../../src/upstream/balancers/least-connections.ts';
import { openBalancer } from '../../../src/upstream/balancers/open.ts';
import { RoundRobin } from '../../../src/upstream/balancers/round-robin.ts';
import { ALGORITHMS } from '../../../src/upstream/config.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { type BalancerTraits, balancerContract } from './balancer.contract.ts';
import { stubs } from './candidates.ts';

const SHARES: Record<(typeof ALGORITHMS)[number], BalancerTraits['shares']> = {
  round_robin: 'weight',
  weighted_round_robin: 'weight',
  least_connections: 'weight',
  random: 'weight',
  power_of_two: 'weight',
  // Clients are few enough here for their hashes to be uneven.
  ip_hash: 'other',
  consistent_hash: 'other',
  // Whoever replies sooner gets more.
  least_response_time: 'other',
};
const fault = (error: unknown) => {
  throw error;
};

for (const algorithm of ALGORITHMS) {
  balancerContract(algorithm, { shares: SHARES[algorithm], reaches: 950 }, (random) =>
    openBalancer(algorithm, { random, key: ({ clientAddress }) => clientAddress, fault }),
  );
}

balancerContract('consistent_hash without a key', { shares: 'weight', reaches: 1000 }, (random) =>
  openBalancer('consistent_hash', { random, key: () => undefined, fault }),
);

balancerContract('module: around one of ours', { shares: 'equal', reaches: 1000 }, (random) =>
  openBalancer('module:./a.ts', { random, key: () => undefined, fault, custom: () => new RoundRobin() }),
);

const options = { random: () => 0, key: () => undefined, fault };

test('each algorithm has its balancer', () => {
  expect(openBalancer('least_connections', options)).toBeInstanceOf(LeastConnections);
});

test('a module that is not loaded is told', () => {
  expect(() => openBalancer('module:./a.ts', options)).toThrow('module:./a.ts is not loaded');
});

test('a balancer has no endpoints at first', () => {
  const balancer = openBalancer(ALGORITHMS[0], options);
  expect(balancer.pick(exchangeOf())).toBeUndefined();
  balancer.update(stubs(1));
  expect(balancer.pick(exchangeOf())).toBeDefined();
});
