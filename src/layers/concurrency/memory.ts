import type { Concurrency, Permit } from './concurrency.ts';

/** Counts in this process. Holds no more buckets than requests are in progress. */
export class MemoryConcurrency implements Concurrency {
  private readonly counts = new Map<string, number>();

  enter(bucket: string, limit: number): Permit | undefined {
    const count = this.counts.get(bucket) ?? 0;
    if (count >= limit) return undefined;
    this.counts.set(bucket, count + 1);
    return new Place(this.counts, bucket);
  }

  /** Buckets in which somebody is. */
  get size(): number {
    return this.counts.size;
  }
}

class Place implements Permit {
  private readonly counts: Map<string, number>;
  private readonly bucket: string;
  private left = false;

  constructor(counts: Map<string, number>, bucket: string) {
    this.counts = counts;
    this.bucket = bucket;
  }

  leave(): void {
    if (this.left) return;
    this.left = true;
    const count = this.counts.get(this.bucket) as number;
    if (count > 1) this.counts.set(this.bucket, count - 1);
    else this.counts.delete(this.bucket);
  }
}
