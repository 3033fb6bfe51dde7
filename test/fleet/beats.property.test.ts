import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sighting } from '../../src/fleet/beat-reply.ts';
import { Beats } from '../../src/fleet/beats.ts';

const TTL = 5000;
const HEARTBEAT = 1000;
const OTHERS = ['a', 'b', 'c', 'd'];

type Event =
  | { readonly do: 'look'; readonly list: readonly Sighting[]; readonly ms: number }
  | { readonly do: 'miss' | 'lose'; readonly ms: number };

const sighting: fc.Arbitrary<Sighting> = fc.tuple(
  fc.constantFrom(...OTHERS, 'm'),
  fc.oneof({ weight: 9, arbitrary: fc.nat(30) }, { weight: 1, arbitrary: fc.constant('left' as const) }),
);
const ms = fc.oneof(fc.integer({ min: 1, max: 2500 }), fc.constantFrom(0, 60_000, 8_000_000));
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('look' as const), list: fc.array(sighting, { maxLength: 6 }), ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('miss' as const, 'lose' as const), ms }) },
);

function apply(beats: Beats, one: Event, now: number): void {
  if (one.do === 'look') beats.look(one.list, now);
  else if (one.do === 'miss') beats.missed();
  else beats.lost();
}

describe('Whatever an observer is shown,', () => {
  test('it is alive itself, and its changes add up to its list', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const sum = new Set(['m']);
        const beats = new Beats('m', TTL, HEARTBEAT, ({ joined, left, died }) => {
          for (const id of joined) expect(sum.has(id) || !sum.add(id)).toBe(false);
          for (const id of [...left, ...died]) expect(sum.delete(id)).toBe(true);
        });
        let now = 0;
        for (const one of events) {
          now += one.ms;
          apply(beats, one, now);
          expect(beats.living()).toEqual([...sum].sort());
          expect(sum.has('m')).toBe(true);
          expect(beats.beating).toBeLessThanOrEqual(sum.size);
          expect(beats.patience).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('it never takes one for dead whose number grows with each of three looks at most', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(2)), { maxLength: 60 }), (events) => {
        const died: string[] = [];
        const beats = new Beats('m', TTL, HEARTBEAT, (change) => died.push(...change.died));
        let [now, beat, since] = [0, 1, 0];
        for (const [one, lag] of events) {
          now += one.ms;
          if (one.do !== 'look') apply(beats, one, now);
          else {
            since += 1;
            if (since > lag) [beat, since] = [beat + 1, 0];
            // Of what it is shown, the number counts, not that it is missing from the list.
            beats.look(since === 0 ? [['x', beat]] : [], now);
          }
        }
        expect(died).toEqual([]);
      }),
    );
  });

  test('it takes one for dead that has been silent for six of its heartbeats', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 900, max: 1100 }), (events, interval) => {
        const beats = new Beats('m', TTL, HEARTBEAT, () => {});
        let now = 0;
        for (const one of events) {
          now += one.ms;
          apply(beats, one, now);
        }
        // From here on nobody beats: one look for contact, then as many as member_ttl takes.
        for (let passed = -interval; passed < TTL + interval; passed += interval) {
          now += interval;
          beats.look([], now);
        }
        expect(beats.living()).toEqual(['m']);
      }),
    );
  });
});
