import { isLater, NO_TURN, type Turn } from './fleet-turn.ts';

/** Of a lease in Redis, ms; here it is held a little shorter, since clocks run apart. */
const LEASE = 5000 * 0.98;
/** Ms that a member whose trial has failed lets others go first. */
const AFTER_FAILURE = 5000;
/** Ms that a member which has seen the endpoint do well while Redis was away tries to say so, before it takes the fleet's word. */
const OBJECTION = 5000;

/**
 * What the fleet says about one endpoint, as this member has last heard it, and what this member may do about it. Pure: times
 * are given, in ms of its own monotonic clock, and what has a term is judged by the time of its use.
 */
export class Standing {
  turn: Turn = NO_TURN;
  /** Its own token; '' while it has claimed nothing in this turn. */
  token = '';
  /** Whether it has been heard since Redis was reached last: what was heard before does not bind. */
  private isHeard = false;
  private learntAt = 0;
  private heldUntil = Number.NEGATIVE_INFINITY;
  private claimsFrom = Number.NEGATIVE_INFINITY;
  private objectsUntil: number | undefined;
  /** Its last trial in this opening has failed. */
  private hasFailed = false;

  /** Whether the fleet says that the endpoint be left alone. */
  get isOpen(): boolean {
    return this.isHeard && this.turn.state === 'open';
  }

  get isKnown(): boolean {
    return this.isHeard;
  }

  /**
   * @param isWell this member has seen the endpoint do well since Redis was reached last, under its own circuit
   * @returns whether it is another turn than was known
   */
  hear(turn: Turn, isWell: boolean, now: number): boolean {
    const isNew = isLater(turn, this.turn);
    if (isNew) {
      this.turn = turn;
      this.learntAt = now;
      this.token = '';
      this.heldUntil = Number.NEGATIVE_INFINITY;
      this.claimsFrom = Number.NEGATIVE_INFINITY;
      if (turn.state === 'closed') this.hasFailed = false;
    }
    if (this.isHeard) return isNew;
    if (isNew || turn.state !== 'open' || !isWell) this.isHeard = true;
    else {
      this.objectsUntil ??= now + OBJECTION;
      this.isHeard = now >= this.objectsUntil;
    }
    return isNew;
  }

  /** Whether it knows better than an open circuit that it has found when Redis came back. */
  get objects(): boolean {
    return !this.isHeard && this.objectsUntil !== undefined;
  }

  /** Redis is away. */
  lost(): void {
    this.isHeard = false;
    this.token = '';
    this.heldUntil = Number.NEGATIVE_INFINITY;
    this.objectsUntil = undefined;
  }

  /** How long an open circuit is left alone yet, by this member. */
  wait(openFor: number, now: number): number {
    return Math.max(0, this.learntAt + openFor + (this.hasFailed ? AFTER_FAILURE : 0) - now);
  }

  mayClaim(now: number): boolean {
    return now >= this.claimsFrom;
  }

  /** @param sentAt when it was asked for */
  granted(sentAt: number): void {
    this.heldUntil = sentAt + LEASE;
  }

  /** Somebody else has it, or nobody knows. */
  denied(ms: number, now: number): void {
    this.claimsFrom = now + ms;
  }

  owns(now: number): boolean {
    return now < this.heldUntil;
  }

  /** A trial of its own has: from now on others go first, until one of them has closed the circuit. */
  failed(): void {
    this.hasFailed = true;
  }
}
