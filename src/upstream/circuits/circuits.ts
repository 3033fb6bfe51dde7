import type { CircuitConfig } from './config.ts';

export type CircuitState = 'closed' | 'open' | 'half_open';

/** Whose circuit it is. Two backends with one address have one each: what is a failure for one need not be for the other. */
export interface CircuitPlace {
  /** `backend/address`: no other endpoint has it. */
  readonly label: string;
}

/**
 * Leave to send one attempt. Settled exactly once, by the first of `succeeded`, `failed` and `giveBack`; what comes after
 * that does nothing. What it says counts only while the circuit is in the state in which it was given: a request that
 * began before a circuit opened says nothing about the trials after.
 */
export interface Permit {
  /** A good head has come; the verdict waits for the end of its body. Settles nothing. */
  answered(): void;
  succeeded(): void;
  /** @param reason in a word or two for an operator: "connect", "status 503" */
  failed(reason: string): void;
  /** It is over and says nothing about the endpoint: the client went away, or another attempt took its place. */
  giveBack(): void;
}

/** One circuit as it is at this moment. */
export interface Circuit {
  readonly state: CircuitState;
  /** Whether `enter` would give a permit now. */
  readonly admits: boolean;
  /** Milliseconds until it may be tried; 0: it may be now, or as soon as a trial is back. */
  readonly wait: number;
  /** When it came into this state, in ms since 1970; when it was made, for one that has never opened. */
  readonly since: number;
  /** Why it opened last; empty before the first time, and once it has closed. */
  readonly reason: string;
  /** Attempts within the window of the closed state that were judged, and those of them that failed. */
  readonly requests: number;
  readonly failures: number;
  /** How often it has opened. */
  readonly openings: number;
  /**
   * A request would have gone there, had it been admitted, and goes elsewhere. Where circuits are shared, this is what claims
   * the trials for this instance: who claims has requests to try with.
   */
  want(): void;
}

/** Told at once, in the turn of the event loop in which it happened. */
export type CircuitTurned = (state: CircuitState, reason: string) => void;

/**
 * Circuits of endpoints. They outlive configurations, and hold none: the policy travels with the call.
 *
 * On the path there is only the local view: `enter` and the permits never wait, never throw, and are called on one event
 * loop, so that each call is atomic for this instance. Time is the instance's monotonic clock, and no other.
 * Where circuits are shared, the network moves votes and verdicts beside the path, and the script that counts them is what is
 * atomic there. With Redis **slow**, verdicts of others come late, and nothing else changes; with Redis **gone**, each
 * instance judges for itself, by the same policy; when it is **back**, what is open here is a vote there, and the later
 * transition of the two wins; when it comes back **empty**, members write back what they hold. No clock of Redis or of
 * another member decides here how long a circuit has been open.
 */
export interface Circuits {
  /**
   * From now on the endpoint has a circuit. For one that has a circuit already the new policy counts from now on, also for
   * how long it stays open yet, and the new listener alone is told; its state, its window and its permits stay.
   */
  watch(place: CircuitPlace, policy: CircuitConfig, turned: CircuitTurned): Circuit;
  /**
   * Leave to send an attempt: while closed to everyone, while open to nobody, while half-open to so many at a time. A trial
   * that takes longer than `open_for` has its place no more; if its reply has been good so far, that is a success.
   * @returns undefined when the endpoint may not be sent to. A permit that nobody counts for one that is not watched
   */
  enter(place: CircuitPlace, policy: CircuitConfig): Permit | undefined;
  /**
   * The endpoint is gone. Permits that are out say nothing any more, and nobody is told anything. Who is not the object that
   * watched last changes nothing.
   */
  forget(place: CircuitPlace): void;
  /** Forgets all. */
  close(): void;
}
