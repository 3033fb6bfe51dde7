/** What one judge says about an endpoint. */
export interface Verdict {
  readonly ready: boolean;
  /** Why, in words for an operator; empty when there is nothing to say. */
  readonly reason: string;
}

export const READY: Verdict = Object.freeze({ ready: true, reason: '' });

/** How long an endpoint that could not be reached is passed over the first time, and at most, in ms. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/**
 * Whether an endpoint may be picked, by all who judge it: active checks, ejection for failed replies, its circuit, and
 * whether connections to it come about. The last one is mild: while no other is left, the endpoint is tried all the same.
 * The circuit is strict: while it is open, nobody sends there for any reason.
 */
export class Readiness {
  health: Verdict = READY;
  outlier: Verdict = READY;
  /** Not ready while the circuit is open; ready, with the reason, while it is being tried. */
  circuit: Verdict = READY;
  /** Monotonic ms; 0: connections come about, as far as is known. */
  unreachableUntil = 0;
  private pauses = 0;

  get ready(): boolean {
    return this.health.ready && this.outlier.ready && this.circuit.ready;
  }

  /** The circuit is open, whatever the others say. */
  get shut(): boolean {
    return !this.circuit.ready;
  }

  get reachable(): boolean {
    return this.unreachableUntil === 0;
  }

  get reason(): string {
    if (!this.health.ready) return this.health.reason;
    if (!this.outlier.ready) return this.outlier.reason;
    if (!this.circuit.ready) return this.circuit.reason;
    if (!this.reachable) return 'connections fail';
    return this.health.reason === '' ? this.circuit.reason : this.health.reason;
  }

  /** A connection did not come about. @returns for how long to pass the endpoint over, in ms; undefined: it is already */
  missed(now: number): number | undefined {
    if (!this.reachable) return undefined;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.pauses);
    this.pauses += 1;
    this.unreachableUntil = now + pause;
    return pause;
  }

  /** The pause is over: it gets another chance. */
  paused(): void {
    this.unreachableUntil = 0;
  }

  reached(): void {
    this.pauses = 0;
    this.unreachableUntil = 0;
  }
}
