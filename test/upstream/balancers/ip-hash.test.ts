import { expect, test } from 'vitest';
import { IpHash } from '../../../src/upstream/balancers/ip-hash.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { type Stub, stubs } from './candidates.ts';

function from(clientAddress: string) {
  return Object.assign(exchangeOf(), { clientAddress });
}
const CLIENTS = Array.from({ length: 500 }, (_, at) => from(`198.51.${at >> 8}.${at & 255}`));

test('a client goes to the same endpoint, however much this has to do', () => {
  const endpoints = stubs(5);
  const balancer = new IpHash<Stub>();
  balancer.update(endpoints);
  const before = CLIENTS.map((client) => balancer.pick(client));
  expect(new Set(before).size).toBe(5);
  (endpoints[0] as Stub).active = 1000;
  balancer.update(endpoints.toReversed());
  expect(CLIENTS.map((client) => balancer.pick(client))).toEqual(before);
});

test('the address that policies see counts, not the peer’s', () => {
  const balancer = new IpHash<Stub>();
  balancer.update(stubs(50));
  expect(balancer.pick(from('203.0.113.5'))).not.toBe(balancer.pick(from('2001:db8::1')));
});

test('with its endpoint tried a client goes to another, the same each time', () => {
  const balancer = new IpHash<Stub>();
  balancer.update(stubs(5));
  for (const client of CLIENTS) {
    const first = balancer.pick(client) as Stub;
    const second = balancer.pick(client, new Set([first]));
    expect(second).not.toBe(first);
    expect(balancer.pick(client, new Set([first]))).toBe(second);
  }
});
