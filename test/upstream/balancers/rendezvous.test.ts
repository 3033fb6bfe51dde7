import { expect, test } from 'vitest';
import { hash32 } from '../../../src/lib/hash32.ts';
import { Rendezvous } from '../../../src/upstream/balancers/rendezvous.ts';
import { type Stub, stubs } from './candidates.ts';

const KEYS = Array.from({ length: 50_000 }, (_, at) => hash32(`user-${at}`));

function open(endpoints: readonly Stub[]): Rendezvous<Stub> {
  const rendezvous = new Rendezvous<Stub>();
  rendezvous.update(endpoints);
  return rendezvous;
}

function owners(endpoints: readonly Stub[]): string[] {
  const rendezvous = open(endpoints);
  return KEYS.map((key) => (rendezvous.owner(key) as Stub).address);
}

function moved(before: readonly string[], after: readonly string[]): number[] {
  return [...before.keys()].filter((at) => before[at] !== after[at]);
}

function shares(endpoints: readonly Stub[]): number[] {
  const owned = owners(endpoints);
  return endpoints.map(({ address }) => owned.filter((one) => one === address).length / owned.length);
}

test('keys go to the same endpoints wherever these are in the list, now and in other instances', () => {
  const endpoints = stubs([1, 1, 2, 3, 1]);
  expect(owners(endpoints.toReversed())).toEqual(owners(endpoints));
  expect(owners(stubs([1, 1, 2, 3, 1]))).toEqual(owners(endpoints));
});

test('shares of ten alike are within 5 % of a tenth', () => {
  for (const share of shares(stubs(10))) expect(Math.abs(share / 0.1 - 1)).toBeLessThan(0.05);
});

test('shares follow the weights within 5 %', () => {
  const weights = [1, 2, 3, 4, 10];
  for (const [at, share] of shares(stubs(weights)).entries()) {
    expect(Math.abs(share / ((weights[at] as number) / 20) - 1)).toBeLessThan(0.05);
  }
});

test('removing one of ten moves its keys alone, evenly to the others', () => {
  const endpoints = stubs(10);
  const [gone, ...left] = endpoints as [Stub, ...Stub[]];
  const [before, after] = [owners(endpoints), owners(left)];
  const movers = moved(before, after);
  expect(movers.every((at) => before[at] === gone.address)).toBe(true);
  expect(movers.length).toBe(before.filter((address) => address === gone.address).length);
  for (const { address } of left) {
    const taken = movers.filter((at) => after[at] === address).length / movers.length;
    expect(Math.abs(taken * 9 - 1)).toBeLessThan(0.15);
  }
});

test('adding one to ten moves an eleventh of the keys, all of them to it', () => {
  const endpoints = stubs(10);
  const comes = stubs(1, 77)[0] as Stub;
  const [before, after] = [owners(endpoints), owners([comes, ...endpoints])];
  const movers = moved(before, after);
  expect(movers.every((at) => after[at] === comes.address)).toBe(true);
  expect(Math.abs((movers.length / KEYS.length) * 11 - 1)).toBeLessThan(0.05);
});

test('a higher weight takes keys from the others and gives none away', () => {
  const endpoints = stubs([1, 1, 2, 2]);
  const before = owners(endpoints);
  (endpoints[0] as Stub).weight = 3;
  const after = owners(endpoints);
  expect(moved(before, after).every((at) => after[at] === endpoints[0]?.address)).toBe(true);
  expect(moved(before, after).length).toBeGreaterThan(KEYS.length * 0.18);
});

test('weights that are alike count as no weights', () => {
  expect(owners(stubs([7, 7, 7]))).toEqual(owners(stubs(3)));
});

test('an update forgets who owned what', () => {
  const rendezvous = open(stubs(3));
  const before = KEYS.map((key) => rendezvous.owner(key));
  expect(new Set(before).size).toBe(3);
  const next = stubs(2, 100);
  rendezvous.update(next);
  expect(KEYS.every((key) => next.includes(rendezvous.owner(key) as Stub))).toBe(true);
});

test('an update with new objects for the same addresses gives these', () => {
  const rendezvous = open(stubs([1, 2, 3]));
  const before = KEYS.slice(0, 100).map((key) => rendezvous.owner(key));
  const again = stubs([1, 2, 3]);
  rendezvous.update(again);
  const after = KEYS.slice(0, 100).map((key) => rendezvous.owner(key));
  expect(after).toEqual(before);
  expect(after.every((one) => again.includes(one as Stub))).toBe(true);
});

test('the next of an endpoint’s keys are spread over all the others', () => {
  const endpoints = stubs(6);
  const rendezvous = open(endpoints);
  const full = endpoints[2] as Stub;
  const nexts = KEYS.filter((key) => rendezvous.owner(key) === full).map((key) => rendezvous.find(key, (one) => one !== full));
  for (const endpoint of endpoints) {
    const share = nexts.filter((one) => one === endpoint).length / nexts.length;
    if (endpoint === full) expect(share).toBe(0);
    else expect(Math.abs(share * 5 - 1)).toBeLessThan(0.12);
  }
});

test('the one that is wanted is found among many', () => {
  const endpoints = stubs(500);
  const rendezvous = open(endpoints);
  const wanted = endpoints[123] as Stub;
  for (const key of KEYS.slice(0, 200)) expect(rendezvous.find(key, (one) => one === wanted)).toBe(wanted);
  expect(rendezvous.find(1, () => false)).toBeUndefined();
});

test('more endpoints than 16 bits can number are told apart', () => {
  const endpoints = Array.from({ length: 70_000 }, (_, at) => ({ ...(stubs(1)[0] as Stub), address: `host-${at}:80` }));
  const rendezvous = open(endpoints);
  const found = new Set(KEYS.slice(0, 40).map((key) => rendezvous.owner(key)?.address));
  expect(found.size).toBeGreaterThan(38);
});
