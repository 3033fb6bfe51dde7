import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidates, isPanic } from '../../src/upstream/candidates.ts';
import type { Endpoint } from '../../src/upstream/endpoint.ts';

const one = fc.record({
  ready: fc.boolean(),
  shut: fc.constantFrom(false, false, true),
  reachable: fc.boolean(),
  backup: fc.boolean(),
  zone: fc.constantFrom('', 'x', 'y'),
});
const scene = fc.record({
  list: fc.array(one, { maxLength: 7 }),
  zone: fc.constantFrom('', 'x'),
  panicThreshold: fc.constantFrom(0, 0.3, 0.5, 1),
});
type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

const endpointOf = ({ ready, shut, reachable, backup, zone }: One) =>
  ({ readiness: { ready: ready && !shut, shut, reachable }, terms: { backup, zone }, zone }) as unknown as Endpoint;

/** The same, as one would say it: an endpoint is a candidate if nobody who may be picked is of a better kind. */
function naively(list: One[], zone: string, panic: boolean): One[] {
  const usable = list.filter(({ ready, shut }) => !shut && (ready || panic));
  const rank = ({ reachable, backup }: One) => (reachable ? 0 : 2) + (backup ? 1 : 0);
  // Backups that can be reached come before others that cannot; among the last, backups come with nobody else left.
  const best = Math.min(...usable.map(rank));
  const tier = usable.filter((one) => rank(one) === best);
  return tier.some((one) => one.zone === zone) && zone !== '' ? tier.filter((one) => one.zone === zone) : tier;
}

test('Those that may be picked are the best kind there is, in their order', () => {
  fc.assert(
    fc.property(scene, ({ list, zone, panicThreshold }) => {
      const main = list.filter(({ backup }) => !backup);
      const panic = main.filter(({ ready, shut }) => ready && !shut).length / main.length < panicThreshold;
      const endpoints = list.map(endpointOf);
      expect(isPanic(endpoints, panicThreshold)).toBe(panic);
      const expected = naively(list, zone, panic).map((one) => endpoints[list.indexOf(one)]);
      expect(candidates(endpoints, { zone, panicThreshold })).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

test('None that is not ready may be picked, but in a panic', () => {
  fc.assert(
    fc.property(scene, ({ list, zone, panicThreshold }) => {
      const endpoints = list.map(endpointOf);
      const found = candidates(endpoints, { zone, panicThreshold });
      expect(isPanic(endpoints, panicThreshold) || found.every(({ readiness }) => readiness.ready)).toBe(true);
      expect(found.length > 0).toBe(
        endpoints.some(({ readiness }) => readiness.ready) || (found.length > 0 && panicThreshold > 0),
      );
    }),
  );
});

test('None whose circuit is open may be picked, not even in a panic', () => {
  fc.assert(
    fc.property(scene, ({ list, zone, panicThreshold }) => {
      const found = candidates(list.map(endpointOf), { zone, panicThreshold });
      expect(found.every(({ readiness }) => !readiness.shut)).toBe(true);
    }),
  );
});

test('Nobody panics without a threshold, nor while enough are ready', () => {
  const list = [true, true, false, false].map((ready) =>
    endpointOf({ ready, shut: false, reachable: true, backup: false, zone: '' }),
  );
  expect([0, 0.5, 0.51, 1].map((threshold) => isPanic(list, threshold))).toEqual([false, false, true, true]);
});
