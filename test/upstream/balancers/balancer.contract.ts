import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Balancer } from '../../../src/upstream/balancer.ts';
import { exchangeOf } from '../../support/exchanges.ts';
import { type Stub, seeded, stubs } from './candidates.ts';

export interface BalancerTraits {
  /** Shares of many picks, each attempt over before the next: by weight, all alike, or something else. */
  readonly shares: 'weight' | 'equal' | 'other';
  /** How many of a thousand are picked sooner or later. */
  readonly reaches: number;
}

/** Different clients, the same in every run. */
function* clients() {
  for (let client = 0; ; client++) {
    const exchange = exchangeOf();
    exchange.clientAddress = `192.0.${(client >> 8) & 255}.${client & 255}`;
    yield exchange;
  }
}

/** What every balancer promises. */
export function balancerContract(name: string, traits: BalancerTraits, open: (random: () => number) => Balancer<Stub>): void {
  describe(`The balancer ${name}`, () => {
    let balancer: Balancer<Stub>;
    let exchanges = clients();
    beforeEach(() => {
      balancer = open(seeded(1));
      exchanges = clients();
    });

    const pick = (tried?: ReadonlySet<Stub>) => balancer.pick(exchanges.next().value as never, tried);
    const start = (tried?: ReadonlySet<Stub>) => {
      const endpoint = pick(tried);
      if (endpoint !== undefined) change(endpoint, 1);
      return endpoint;
    };
    const change = (endpoint: Stub, by: number) => {
      endpoint.active += by;
      balancer.changed?.(endpoint);
    };
    const counts = (picks: number, endpoints: readonly Stub[]) => {
      const count = new Map(endpoints.map((endpoint) => [endpoint, 0]));
      for (let at = 0; at < picks; at++) {
        const endpoint = start() as Stub;
        change(endpoint, -1);
        count.set(endpoint, (count.get(endpoint) ?? 0) + 1);
      }
      return [...count.values()];
    };

    test('picks none where there is none', () => {
      expect(pick()).toBeUndefined();
      expect(pick(new Set(stubs(1)))).toBeUndefined();
      balancer.update([]);
      expect(pick()).toBeUndefined();
    });

    test('picks the only one, again and again', () => {
      const [only] = stubs(1);
      balancer.update([only as Stub]);
      for (let picks = 0; picks < 50; picks++) expect(start()).toBe(only);
    });

    test('picks each of a few', () => {
      const endpoints = stubs([1, 2, 3]);
      balancer.update(endpoints);
      expect(Math.min(...counts(1000, endpoints))).toBeGreaterThan(0);
    });

    test('picks one that has come, and never one that has gone', () => {
      const [stays, goes, comes] = stubs(3) as [Stub, Stub, Stub];
      balancer.update([stays, goes]);
      counts(7, [stays, goes]);
      const kept = start();
      balancer.update([comes, stays]);
      if (kept !== undefined) change(kept, -1);
      change(goes, 1);
      const [of_stays = 0, of_comes = 0, ...others] = counts(1000, [stays, comes]);
      expect(others).toEqual([]);
      expect(Math.min(of_stays, of_comes)).toBeGreaterThan(0);
      balancer.update([]);
      expect(pick()).toBeUndefined();
    });

    test('picks each that is left exactly once, and then none', () => {
      const endpoints = stubs([1, 5, 1, 10_000, 1]);
      balancer.update(endpoints);
      for (let exchange = 0; exchange < 20; exchange++) {
        const tried = new Set<Stub>();
        for (let attempt = 0; attempt < endpoints.length; attempt++) {
          const endpoint = start(tried) as Stub;
          expect(endpoints).toContain(endpoint);
          expect(tried).not.toContain(endpoint);
          tried.add(endpoint);
        }
        expect(pick(tried)).toBeUndefined();
        for (const endpoint of tried) change(endpoint, -1);
      }
    });

    test('does not mind tried ones that are not in its list', () => {
      const endpoints = stubs(2);
      balancer.update(endpoints);
      expect(endpoints).toContain(pick(new Set(stubs(3, 50))));
    });

    test('gives one that fails no more first attempts than before', () => {
      const endpoints = stubs(4);
      const [fails] = endpoints as [Stub];
      balancer.update(endpoints);
      const inProgress: Stub[] = [];
      let failed = 0;
      for (let attempt = 0; attempt < 4000; attempt++) {
        const first = start() as Stub;
        inProgress.push(first);
        if (first === fails) {
          failed += 1;
          inProgress.push(start(new Set([fails])) as Stub);
        }
        while (inProgress.length > 8) change(inProgress.shift() as Stub, -1);
      }
      expect(failed).toBeLessThan(4000 * 0.33);
    });

    test.runIf(traits.shares !== 'other')('gives each its share', () => {
      const weights = [1, 2, 3, 4, 10];
      const endpoints = stubs(weights);
      balancer.update(endpoints);
      const total = traits.shares === 'equal' ? 5 : 20;
      const parts = counts(40_000, endpoints).map((count) => (count / 40_000) * total);
      for (const [at, part] of parts.entries()) {
        const wanted = traits.shares === 'equal' ? 1 : (weights[at] as number);
        expect(part).toBeGreaterThan(wanted * 0.93);
        expect(part).toBeLessThan(wanted * 1.07);
      }
    });

    test('serves a thousand', () => {
      const endpoints = stubs(1000);
      balancer.update(endpoints);
      const picked = new Set<Stub>();
      for (let at = 0; at < 20_000; at++) picked.add(start() as Stub);
      expect(picked.size).toBeGreaterThanOrEqual(traits.reaches);
      expect([...picked].every((endpoint) => endpoints.includes(endpoint))).toBe(true);
    });

    test('keeps its promises through any sequence of events', () => {
      const all = stubs([1, 1, 2, 3, 7, 100]);
      const events = fc.array(
        fc.oneof(
          { weight: 1, arbitrary: fc.record({ list: fc.shuffledSubarray(all), weight: fc.integer({ min: 1, max: 9 }) }) },
          { weight: 6, arbitrary: fc.record({ tried: fc.subarray(all) }) },
          { weight: 3, arbitrary: fc.record({ ends: fc.constantFrom(...all), latency: fc.integer({ min: 0, max: 500 }) }) },
        ),
        { maxLength: 80 },
      );
      fc.assert(
        fc.property(events, fc.integer(), (sequence, seed) => {
          for (const endpoint of all) Object.assign(endpoint, { active: 0, latency: 0 });
          balancer = open(seeded(seed));
          let list: readonly Stub[] = [];
          for (const event of sequence) {
            if ('list' in event) {
              list = event.list;
              if (list[0] !== undefined) list[0].weight = event.weight;
              balancer.update(list);
            } else if ('ends' in event) {
              event.ends.latency = event.latency;
              change(event.ends, event.ends.active > 0 ? -1 : 0);
            } else {
              const tried = new Set(event.tried);
              const left = list.filter((endpoint) => !tried.has(endpoint));
              const picked = start(tried);
              if (left.length === 0) expect(picked).toBeUndefined();
              else expect(left).toContain(picked);
            }
          }
        }),
        { numRuns: 150 },
      );
    });
  });
}
