import type { CircuitConfig } from '../../../src/upstream/circuits/config.ts';

type Name = 'closed' | 'open' | 'half_open';

interface Out {
  /** Of the model, when it was let in. */
  readonly term: number;
  readonly at: number;
  answered: boolean;
  /** It still holds the place of a trial. */
  holds: boolean;
}

/**
 * A circuit as one would say it: it keeps every verdict, and looks at all of them. Where a verdict is between nine tenths
 * of the window and the whole window old, it may count or not: then the model takes what the real one did.
 */
export class NaiveCircuit {
  name: Name = 'closed';
  private readonly policy: CircuitConfig;
  private term = 0;
  private openedAt = 0;
  private successes = 0;
  private inARow = 0;
  private verdicts: { readonly at: number; readonly well: boolean }[] = [];
  private out: Out[] = [];

  constructor(policy: CircuitConfig) {
    this.policy = policy;
  }

  /** Time has come to `now`, and stops at each thing that is due on the way. */
  pass(now: number): void {
    if (this.name === 'open' && now >= this.openedAt + this.policy.open_for) this.become('half_open');
    if (this.name !== 'half_open') return;
    for (const one of this.out) {
      if (!one.holds || now < one.at + this.policy.open_for) continue;
      one.holds = false;
      if (one.answered) this.succeed(one, now);
    }
  }

  get admits(): boolean {
    return this.name === 'closed' || (this.name === 'half_open' && this.held < this.policy.half_open_requests);
  }

  /** Trials that have their places. */
  get held(): number {
    return this.out.filter(({ holds, term }) => holds && term === this.term).length;
  }

  enter(now: number): Out {
    const one = { term: this.term, at: now, answered: false, holds: this.name === 'half_open' };
    this.out.push(one);
    return one;
  }

  giveBack(one: Out): void {
    this.leave(one);
  }

  succeed(one: Out, now: number): void {
    const counts = this.leave(one);
    if (!counts || this.name === 'open') return;
    if (this.name === 'closed') {
      this.verdicts.push({ at: now, well: true });
      this.inARow = 0;
    } else {
      this.successes += 1;
      if (this.successes >= this.policy.success_threshold) this.become('closed');
    }
  }

  /** @param opened what the real one did */
  fail(one: Out, now: number, opened: boolean): void {
    const counts = this.leave(one);
    if (!counts || this.name === 'open') return;
    if (this.name === 'closed') {
      this.verdicts.push({ at: now, well: false });
      this.inARow += 1;
      const readings = this.readings(now);
      const must = readings.every((verdicts) => this.trips(verdicts));
      const may = readings.some((verdicts) => this.trips(verdicts));
      if (!(must || (may && opened))) return;
    }
    this.openedAt = now;
    this.become('open');
  }

  /** @returns whether it still counts: not twice, and not in another state than its own */
  private leave(one: Out): boolean {
    const at = this.out.indexOf(one);
    if (at >= 0) this.out.splice(at, 1);
    return at >= 0 && one.term === this.term;
  }

  private become(name: Name): void {
    this.name = name;
    this.term += 1;
    this.successes = 0;
    this.inARow = 0;
    if (name !== 'half_open') this.verdicts = [];
  }

  /** Everything that a window may hold now. */
  private readings(now: number): (typeof this.verdicts)[] {
    const { window } = this.policy;
    const ages = this.verdicts.map(({ at }) => now - at).filter((age) => age >= 0.9 * window && age <= window);
    return [0.9 * window, ...ages.map((age) => age + 1)].map((most) => this.verdicts.filter(({ at }) => now - at < most));
  }

  private trips(verdicts: typeof this.verdicts): boolean {
    const { failure_threshold, consecutive_failures, error_ratio, min_requests } = this.policy;
    const failures = verdicts.filter(({ well }) => !well).length;
    if (consecutive_failures > 0 && this.inARow >= consecutive_failures) return true;
    if (failure_threshold > 0 && failures >= failure_threshold) return true;
    return error_ratio > 0 && verdicts.length >= min_requests && failures / verdicts.length >= error_ratio;
  }
}
