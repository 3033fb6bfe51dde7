/** A place that a request has taken. */
export interface Permit {
  /** Gives it back. Once: what comes after the first call does nothing. */
  leave(): void;
}

/**
 * Counts who is in: the port between the concurrency layer and what it counts in.
 *
 * Atomic: one call. Never more than `limit` permits of a bucket are out at a time, by this implementation's count: in memory
 * that of this instance. No clock has a part in it; a permit that is never given back is held for ever, so holders give it
 * back when their exchange ends, whatever way. Answers at once where it can; a promise is for what has to be asked elsewhere.
 * Never throws and never rejects. A neighbour that shares counts over a fleet states by how much the fleet may exceed the limit.
 */
export interface Concurrency {
  /** @param limit 1 or more; may change from call to call, and counts for those that enter from then on */
  enter(bucket: string, limit: number): Permit | undefined | Promise<Permit | undefined>;
}
