import { MemoryConcurrency } from '../layers/concurrency/memory.ts';
import { MemoryRateLimiter } from '../layers/rate-limit/memory.ts';
import type { Clock } from '../lib/clock.ts';
import { MemoryCircuits } from '../upstream/circuits/memory.ts';

/** What policies count in. Made once for an instance, and outlives its configurations. */
export type SharedState = ReturnType<typeof embedded>;

/** All of it in this instance's memory: the default, when nothing is shared with others. */
export function embedded(clock: Clock) {
  const limiter = new MemoryRateLimiter(clock);
  const circuits = new MemoryCircuits(clock);
  return {
    limiter,
    circuits,
    concurrency: new MemoryConcurrency(),
    close(): void {
      limiter.close();
      circuits.close();
    },
  };
}
