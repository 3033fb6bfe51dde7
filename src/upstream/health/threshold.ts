/**
 * What one check says about one upstream, from its results so far. It begins as `unknown`, which counts as ready: a
 * gateway that has just started sends requests at once. One success is then enough to pass; after that a change of mind
 * takes as many results in a row as the check asks for.
 */
export class Threshold {
  private readonly failures: number;
  private readonly successes: number;
  /** Results in a row that speak against the state. */
  private against = 0;
  state: 'unknown' | 'passing' | 'failing' = 'unknown';
  /** Why the last failure was one; empty unless failing. */
  reason = '';

  /**
   * @param failures in a row that make it failing, 1 or more
   * @param successes in a row that make it pass again, 1 or more
   */
  constructor(failures: number, successes: number) {
    this.failures = failures;
    this.successes = successes;
  }

  /** Begins as failing: somebody has found out before. */
  doubt(reason: string): void {
    this.state = 'failing';
    this.reason = reason;
    this.against = 0;
  }

  /** @param problem undefined: a success */
  record(problem: string | undefined): void {
    const next = problem === undefined ? 'passing' : 'failing';
    this.against = this.state === next ? 0 : this.against + 1;
    if (this.against >= this.needed(next)) {
      this.state = next;
      this.against = 0;
    }
    if (this.state !== 'failing') this.reason = '';
    else if (problem !== undefined) this.reason = problem;
  }

  private needed(next: 'passing' | 'failing'): number {
    if (next === 'failing') return this.failures;
    return this.state === 'unknown' ? 1 : this.successes;
  }
}
