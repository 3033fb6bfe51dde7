import { expect, test } from 'vitest';
import type { Balancer } from '../../src/upstream/balancer.ts';
import { Endpoint } from '../../src/upstream/endpoint.ts';
import { RoundRobin } from '../../src/upstream/round-robin.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import { exchangeOf } from '../support/exchanges.ts';

const transport: Transport = {
  send: () => Promise.reject(new Error('not here')),
  state: { connections: 0, idle: 0, queued: 0 },
  close: () => {},
};
const endpoints = ['a:1', 'b:2', 'c:3'].map((address) => new Endpoint('users', address, transport));

test('endpoints are picked one after the other, over and over', () => {
  const balancer: Balancer = new RoundRobin(endpoints);
  expect(Array.from({ length: 7 }, () => balancer.pick(exchangeOf())?.address)).toEqual([
    'a:1',
    'b:2',
    'c:3',
    'a:1',
    'b:2',
    'c:3',
    'a:1',
  ]);
});

test('where there is none, none is picked', () => {
  const balancer: Balancer = new RoundRobin([]);
  expect(balancer.pick(exchangeOf())).toBeUndefined();
});

test('an endpoint has its name for logs and metrics', () => {
  expect(endpoints[0]).toMatchObject({ address: 'a:1', label: 'users/a:1', active: 0 });
});
