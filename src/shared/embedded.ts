import { MemoryConcurrency } from '../layers/concurrency/memory.ts';
import { MemoryRateLimiter } from '../layers/rate-limit/memory.ts';
import type { Clock } from '../lib/clock.ts';
import { MemoryCircuits } from '../upstream/circuits/memory.ts';
import type { SharedState } from './shared-state.ts';

/** All of it in this instance's memory: the default, when nothing is shared with others. */
export function embedded(clock: Clock): SharedState {
  const limiter = new MemoryRateLimiter(clock);
  const circuits = new MemoryCircuits(clock);
  return {
    limiter,
    circuits,
    concurrency: new MemoryConcurrency(),
    members: () => 1,
    open: async () => {},
    leave: async () => {},
    close(): void {
      limiter.close();
      circuits.close();
    },
    view: () => undefined,
  };
}
