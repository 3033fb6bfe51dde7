import type { Reply } from '../http/reply.ts';
import type { Outgoing } from './outgoing.ts';

/** Counts of one endpoint, as `/stats` and metrics show them. */
export interface TransportState {
  /** Connections that stand or are being made. */
  readonly connections: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
}

/**
 * Sends requests to one endpoint. One port, two engines: our own (`wire`), and undici for what it knows better.
 */
export interface Transport {
  /**
   * Sends a request. Resolves when the head of the final reply is known.
   * Rejects with a `GatewayError`; cancelling the request rejects it at once and frees the connection.
   */
  send(request: Outgoing): Promise<Reply>;
  readonly state: TransportState;
  /** A request would have to wait for a connection. */
  readonly saturated: boolean;
  /** Connections to other addresses than these are used no more: idle ones close now, others when they are done. */
  retire(keep: ReadonlySet<string>): void;
  /** Closes idle connections now, others when they are done. */
  close(): void;
}
