import type { Exchange } from '../http/exchange.ts';

/** An endpoint, as a balancer sees it. The same object stays in the list as long as the backend has the endpoint. */
export interface Candidate {
  /** "host:port": what hashes are made of, so that all instances of a fleet agree. */
  readonly address: string;
  /** 1 or more. */
  readonly weight: number;
  readonly zone: string;
  /** Attempts in progress. */
  readonly active: number;
  /** Milliseconds to the head of a reply: an average that jumps up with a slow reply and sinks slowly, also while there is none; 0: not known yet. */
  readonly latency: number;
}

/**
 * Picks the endpoint of an attempt. Synchronous and cheap: it runs once per attempt, on one event loop. Knows nothing of
 * health: it is given the endpoints that may be picked, anew whenever these change.
 */
export interface Balancer<Endpoint extends Candidate = Candidate> {
  /** From now on these are picked from. Keeps its place in the round, as far as endpoints stay. Not on the request path. */
  update(endpoints: readonly Endpoint[]): void;
  /**
   * @param tried endpoints that the exchange has been sent to already: none of them is picked
   * @returns undefined when there is none to pick from
   */
  pick(exchange: Exchange, tried?: ReadonlySet<Endpoint>): Endpoint | undefined;
  /** `active` or `latency` of an endpoint has changed; it may be one that is not among those of the last update. */
  changed?(endpoint: Endpoint): void;
}
