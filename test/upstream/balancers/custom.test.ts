import { describe, expect, test } from 'vitest';
import firstLetter from '../../../examples/balancer/first-letter.ts';
import { Headers } from '../../../src/http/headers.ts';
import type { Balancer, Candidate } from '../../../src/upstream/balancer.ts';
import { Custom, readFactory } from '../../../src/upstream/balancers/custom.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { balancerContract } from './balancer.contract.ts';
import { type Stub, stubs } from './candidates.ts';

const exchange = exchangeOf();

function open(parts: Partial<Balancer>) {
  const faults: unknown[] = [];
  const balancer = new Custom<Stub>(
    () => ({ update: () => {}, pick: () => undefined, ...parts }),
    (error) => faults.push(error),
  );
  return { balancer, faults };
}

describe('A default export', () => {
  test.each([
    ['nothing', undefined, 'is not a function'],
    ['a balancer, not a function that makes one', { update() {}, pick() {} }, 'is not a function'],
    ['a function of nothing', () => undefined, 'must return a balancer: it has no method update'],
    ['a function of half a balancer', () => ({ update() {}, pick: 5 }), 'must return a balancer: it has no method pick'],
    ['a class', class {}, 'throws: TypeError: Class constructor'],
    ['asynchronous, and fails', () => Promise.reject(new Error('no')), 'must return a balancer: it has no method update'],
    [
      'a function that throws',
      () => {
        throw new Error('no');
      },
      'throws: Error: no',
    ],
  ])('that is %s is told', (_, value, wrong) => {
    expect(readFactory(value)).toEqual({ wrong: expect.stringContaining(wrong) });
  });

  test('that makes a balancer is taken', () => {
    expect(readFactory(firstLetter)).toBe(firstLetter);
  });
});

describe('A custom balancer', () => {
  test('is given what ours are given', () => {
    const calls: unknown[] = [];
    const endpoints = stubs(2);
    const { balancer } = open({
      update: (...given) => calls.push(given),
      pick: (...given) => {
        calls.push(given);
        return endpoints[1];
      },
      changed: (...given) => calls.push(given),
    });
    const tried = new Set([endpoints[0] as Stub]);
    balancer.update(endpoints);
    expect(balancer.pick(exchange, tried)).toBe(endpoints[1]);
    balancer.changed(endpoints[0] as Stub);
    expect(calls).toEqual([[endpoints], [exchange, tried], [endpoints[0]]]);
  });

  test('need not be told of changes', () => {
    const { balancer, faults } = open({});
    balancer.changed(stubs(1)[0] as Stub);
    expect(faults).toEqual([]);
  });

  test('may pick none', () => {
    const { balancer, faults } = open({});
    balancer.update(stubs(2));
    expect(balancer.pick(exchange)).toBeUndefined();
    expect(faults).toEqual([]);
  });

  const [stranger] = stubs(1, 99) as [Candidate];
  test.each<[string, Partial<Balancer>, string]>([
    ['throws', { pick: () => assert('broken') }, 'broken'],
    ['picks a stranger', { pick: () => stranger }, 'picked what is not an endpoint'],
    ['picks a text', { pick: () => 'a:1' as never }, 'picked what is not an endpoint'],
    ['picks a promise', { pick: () => Promise.resolve() as never }, 'picked what is not an endpoint'],
    ['picks a promise that fails', { pick: () => Promise.reject(new Error('late')) as never }, 'picked what is not an endpoint'],
  ])('that %s is told once, and endpoints are picked in turn', (_, parts, message) => {
    const endpoints = stubs(2);
    const { balancer, faults } = open(parts);
    balancer.update(endpoints);
    expect([balancer.pick(exchange), balancer.pick(exchange), balancer.pick(exchange)]).toEqual([...endpoints, endpoints[0]]);
    expect(faults.map(String)).toEqual([expect.stringContaining(message)]);
    balancer.update(endpoints);
    balancer.pick(exchange);
    expect(faults).toHaveLength(2);
  });

  test('that picks a tried one is not listened to', () => {
    const [a, b] = stubs(2) as [Stub, Stub];
    const { balancer, faults } = open({ pick: () => a });
    balancer.update([a, b]);
    expect(balancer.pick(exchange, new Set([a]))).toBe(b);
    expect(String(faults[0])).toContain(`picked ${a.address}, which is tried already`);
  });

  test('that throws when it is told something harms nobody', () => {
    const { balancer, faults } = open({ update: () => assert('update'), changed: () => assert('changed') });
    balancer.update(stubs(1));
    balancer.changed(stubs(1)[0] as Stub);
    expect(faults.map(String)).toEqual(['Error: update']);
  });
});

test('A custom balancer whose methods are asynchronous and fail is told of, and ends nothing', async () => {
  const { balancer, faults } = open({ update: async () => assert('update'), changed: async () => assert('changed') });
  balancer.update(stubs(1));
  balancer.changed(stubs(1)[0] as Stub);
  await expect.poll(() => faults.map(String)).toEqual(['Error: update']);
});

function assert(message: string): never {
  throw new Error(message);
}

describe('The example', () => {
  const of = (user: string) => exchangeOf({ headers: Headers.from([['X-User', user]]) });

  test('sends users of one letter to one upstream', () => {
    const endpoints = stubs(2);
    const balancer = firstLetter();
    balancer.update(endpoints.toReversed());
    const [first, second] = endpoints;
    const picked = ['alice', 'Mallory', 'nick', 'ZOE', '7', ''].map((user) => balancer.pick(of(user)));
    expect(picked).toEqual([first, first, second, second, first, first]);
  });
});

balancerContract('of the example', { shares: 'other', reaches: 26 }, () => {
  const made = firstLetter();
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  let at = 0;
  const named: Balancer = {
    update: (endpoints) => made.update(endpoints),
    pick: (_, tried) => made.pick(exchangeOf({ headers: Headers.from([['X-User', letters.charAt(at++ % 26)]]) }), tried),
  };
  return new Custom<Stub>(
    () => named,
    (error) => {
      throw error;
    },
  );
});
