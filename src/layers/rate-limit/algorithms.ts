import type { Buckets } from './algorithm.ts';
import type { AlgorithmName } from './config.ts';
import { SlidingCounters } from './sliding-counter.ts';
import { SlidingLogs } from './sliding-log.ts';
import { TokenBuckets } from './token-bucket.ts';

/** Those that decide at once. A fixed window is another's machine, which answers by promises: see fixed-window.ts. */
export type InstantAlgorithm = Exclude<AlgorithmName, 'fixed_window'>;

/**
 * The algorithms by name. To add one: a file with a class of {@link Buckets}, its line here, its name in `AlgorithmName` of
 * config.ts (the compiler then asks for both) and the word for it there.
 */
export const ALGORITHMS: Readonly<Record<InstantAlgorithm, () => Buckets>> = {
  token_bucket: () => new TokenBuckets(),
  sliding_log: () => new SlidingLogs(),
  sliding_counter: () => new SlidingCounters(),
};
