import { expect, test } from 'vitest';
import { ConsistentHash } from '../../../src/upstream/balancers/consistent-hash.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

/** A balancer that is told the key of each pick, and of attempts that begin and end. */
function open(endpoints: readonly Stub[]) {
  let key: string | undefined;
  const balancer = new ConsistentHash<Stub>(() => key, seeded(2));
  balancer.update(endpoints);
  const exchange = exchangeOf();
  const pick = (asked: string | undefined, tried?: ReadonlySet<Stub>) => {
    key = asked;
    return balancer.pick(exchange, tried) as Stub;
  };
  const change = (endpoint: Stub, by: number) => {
    endpoint.active += by;
    balancer.changed(endpoint);
  };
  return { balancer, pick, change };
}

test('a key goes to one endpoint, and keys to all of them', () => {
  const { pick } = open(stubs(5));
  const keys = Array.from({ length: 200 }, (_, at) => `k${at}`);
  const first = keys.map((key) => pick(key));
  expect(new Set(first).size).toBe(5);
  expect(keys.map((key) => pick(key))).toEqual(first);
});

test('exchanges without a key go anywhere', () => {
  const endpoints = stubs(4);
  const { pick } = open(endpoints);
  expect(new Set(Array.from({ length: 100 }, () => pick(undefined))).size).toBe(4);
});

test('one key for all never loads an endpoint above 1.25 times its share', () => {
  const weights = [1, 1, 2, 4, 8];
  const endpoints = stubs(weights);
  const { pick, change } = open(endpoints);
  for (let total = 1; total <= 1000; total++) {
    change(pick('the only one'), 1);
    for (const { active, weight } of endpoints) expect(active).toBeLessThanOrEqual(Math.ceil((1.25 * total * weight) / 16));
  }
});

test('the bound follows what ends, and what it is told of others does not count', () => {
  const endpoints = stubs(2);
  const { pick, change } = open(endpoints);
  const owner = pick('a');
  const other = endpoints.find((one) => one !== owner) as Stub;
  change(owner, 2);
  expect(pick('a')).toBe(other);
  change(stubs(1, 9)[0] as Stub, 100);
  expect(pick('a')).toBe(other);
  change(owner, -1);
  expect(pick('a')).toBe(owner);
});

test('attempts of before an update count, those of endpoints that went do not', () => {
  const endpoints = stubs(3);
  const { balancer, pick } = open(endpoints);
  const owner = pick('a');
  const [idle, goes] = endpoints.filter((one) => one !== owner) as [Stub, Stub];
  [owner.active, goes.active] = [6, 8];
  balancer.update(endpoints);
  expect(pick('a')).toBe(owner);
  balancer.update([owner, idle]);
  expect(pick('a')).toBe(idle);
});

test('when only tried ones have room another is picked all the same', () => {
  const [a, b] = stubs(2) as [Stub, Stub];
  const { pick, change } = open([a, b]);
  change(a, 10);
  expect(pick('a', new Set([b]))).toBe(a);
});
