import type { Candidate } from '../../../src/upstream/balancer.ts';

/** An endpoint of which a test says everything. */
export interface Stub extends Candidate {
  weight: number;
  active: number;
  latency: number;
}

/** As many endpoints as there are weights, or that many of weight 1. */
export function stubs(weights: number | readonly number[], first = 0): Stub[] {
  const list = typeof weights === 'number' ? new Array<number>(weights).fill(1) : weights;
  return list.map((weight, at) => ({ address: `10.0.0.${first + at}:8080`, weight, zone: '', active: 0, latency: 0 }));
}

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
