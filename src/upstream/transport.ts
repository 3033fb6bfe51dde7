import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';

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
   * Sends the exchange's request. Resolves when the head of the final reply is known.
   * Rejects with a `GatewayError`; `exchange.cancel` rejects it at once and frees the connection.
   */
  send(exchange: Exchange): Promise<Reply>;
  readonly state: TransportState;
  /** Closes idle connections now, others when they are done. */
  close(): void;
}
