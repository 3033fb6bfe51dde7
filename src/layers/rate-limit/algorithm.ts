import type { Policy } from './limiter.ts';

/**
 * One way to count, for many buckets at once: a bucket is a slot, its state stands in columns. Adding an algorithm takes
 * one file with this interface, its line in algorithms.ts and its word in config.ts; test/layers/rate-limit/limiter.contract.ts
 * then runs for it. Times are milliseconds of a clock that may stand still or jump back, and must mint nothing then.
 */
export interface Buckets {
  /** Makes room for the slots below a number, which never becomes smaller. */
  grow(slots: number): void;
  /** A slot is from now on a bucket that nothing was taken from; whatever it was before is forgotten. */
  reset(slot: number, policy: Policy, now: number): void;
  /** Whole tokens that can be taken now. Changes nothing. `policy.limit` says that the bucket may be forgotten. */
  level(slot: number, policy: Policy, now: number): number;
  /** Takes tokens, of which there are enough. */
  take(slot: number, policy: Policy, cost: number, now: number): void;
  /** Milliseconds until there are so many tokens if nothing is taken meanwhile; 0 when there are. */
  until(slot: number, policy: Policy, tokens: number, now: number): number;
}
