import { describe, expect, test } from 'vitest';
import { MemoryCircuits } from '../../../src/upstream/circuits/memory.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { circuitsContract } from './circuits.contract.ts';
import { policyOf } from './policy.ts';

circuitsContract('memory', (clock) => ({ circuits: new MemoryCircuits(clock), settled: async () => {} }));

describe('Circuits in memory', () => {
  test('hold no timer for a thousand endpoints that are in use, and none after they were tried', () => {
    const clock = new ManualClock();
    const circuits = new MemoryCircuits(clock);
    const policy = policyOf();
    for (let at = 0; at < 1000; at++) {
      const place = { label: `users/${at}` };
      circuits.watch(place, policy, () => {});
      const permits = [0, 1, 2].map(() => circuits.enter(place, policy));
      for (const permit of permits.slice(at % 2)) permit?.failed('reset');
    }
    expect(clock.pending).toBe(500);
    clock.advance(5000);
    expect(clock.pending).toBe(0);
    const place = { label: 'users/0' };
    circuits.enter(place, policy)?.succeeded();
    expect(clock.pending).toBe(0);
  });
});
