const PARTS = 64;

/** Estimates how many things are alive that each live for the same time, from when they were born: never too few. */
export class Births {
  private readonly part: number;
  private readonly counts = new Float64Array(PARTS + 1);
  private current = 0;
  private sum = 0;

  /** @param life milliseconds */
  constructor(life: number) {
    this.part = life / PARTS;
  }

  add(now: number): void {
    this.advance(now);
    const at = this.current % this.counts.length;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sum += 1;
  }

  /** @param now milliseconds; what is earlier than before counts as before */
  alive(now: number): number {
    this.advance(now);
    return this.sum;
  }

  private advance(now: number): void {
    const part = Math.floor(now / this.part);
    const steps = Math.min(part - this.current, this.counts.length);
    for (let step = 0; step < steps; step++) {
      const at = (part - step) % this.counts.length;
      this.sum -= this.counts[at] as number;
      this.counts[at] = 0;
    }
    this.current = Math.max(this.current, part);
  }
}
