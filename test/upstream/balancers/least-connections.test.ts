import { expect, test } from 'vitest';
import { LeastConnections } from '../../../src/upstream/balancers/least-connections.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

function open(endpoints: readonly Stub[]) {
  const balancer = new LeastConnections<Stub>();
  balancer.update(endpoints);
  const change = (endpoint: Stub, by: number) => {
    endpoint.active += by;
    balancer.changed(endpoint);
  };
  return { balancer, change, pick: (tried?: ReadonlySet<Stub>) => balancer.pick(undefined, tried) as Stub };
}

test('the one with the fewest attempts for its weight is picked', () => {
  const [a, b, c] = stubs([1, 4, 2]) as [Stub, Stub, Stub];
  const { change, pick } = open([a, b, c]);
  change(a, 2);
  change(b, 7);
  change(c, 3);
  expect(pick()).toBe(c);
  change(c, 2);
  expect(pick()).toBe(b);
  change(b, 2);
  expect(pick()).toBe(a);
  expect(pick(new Set([a]))).toBe(b);
});

test('attempts that began before an update count', () => {
  const [a, b] = stubs(2) as [Stub, Stub];
  a.active = 1;
  const { balancer, pick } = open([a, b]);
  expect([pick(), pick()]).toEqual([b, b]);
  a.active = 0;
  b.active = 1;
  balancer.update([b, a]);
  expect([pick(), pick()]).toEqual([a, a]);
});

test('equals are picked in turn, as often as their weights say', () => {
  const endpoints = stubs([1, 1, 3]);
  const { pick } = open(endpoints);
  const places = Array.from({ length: 50 }, () => endpoints.indexOf(pick()));
  expect([0, 1, 2].map((place) => places.filter((one) => one === place).length)).toEqual([10, 10, 30]);
  for (let at = 0; at < 45; at += 5) expect(new Set(places.slice(at, at + 5)).size).toBe(3);
});

test('one that was busy for long gets no more than its turn afterwards', () => {
  const [a, b] = stubs(2) as [Stub, Stub];
  const { change, pick } = open([a, b]);
  change(a, 1);
  for (let picks = 0; picks < 1000; picks++) expect(pick()).toBe(b);
  change(a, -1);
  const next = Array.from({ length: 10 }, () => pick());
  expect(next.filter((one) => one === a).length).toBeLessThanOrEqual(6);
});

test('with one of two that fails, first attempts still go to either', () => {
  const [fails, works] = stubs(2) as [Stub, Stub];
  const { pick } = open([fails, works]);
  const firsts = Array.from({ length: 100 }, () => {
    const first = pick();
    if (first === fails) expect(pick(new Set([fails]))).toBe(works);
    return first;
  });
  expect(firsts.filter((one) => one === fails)).toHaveLength(50);
});

test('no endpoint has less load than the picked one, whatever begins and ends', () => {
  const endpoints = stubs([1, 2, 3, 1, 5, 8, 1, 1]);
  const { change, pick } = open(endpoints);
  const random = seeded(7);
  for (let step = 0; step < 5000; step++) {
    const one = endpoints[Math.floor(random() * endpoints.length)] as Stub;
    if (random() < 0.5 && one.active > 0) {
      change(one, -1);
      continue;
    }
    const picked = pick();
    expect(picked.active / picked.weight).toBe(Math.min(...endpoints.map(({ active, weight }) => active / weight)));
    change(picked, 1);
  }
});
