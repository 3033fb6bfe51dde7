import type { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { HttpDate } from '../lib/clock.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { Connection } from './connection.ts';
import type { RequestHeadParser } from './request-head.ts';

/** Milliseconds; 0: never. */
export interface ConnectionTimeouts {
  /** From the first byte of a head, or from accept, to its end. */
  readonly header: number;
  /** Between two reads of a request body, and between two writes to a client that has stopped reading. */
  readonly body: number;
  /** Between two requests. */
  readonly keep_alive: number;
}

/** What all connections of a listener share: what to do with a request, and the tools to read and write one. */
export interface Service {
  readonly wheel: Wheel;
  readonly date: HttpDate;
  readonly parser: RequestHeadParser;
  readonly timeouts: ConnectionTimeouts;
  /** Each reply closes its connection. */
  readonly draining: boolean;
  /** Must lead to one {@link Connection.reply}, now or later. */
  serve(exchange: Exchange, connection: Connection): void;
  /** As {@link serve}, for a request that is refused: well-formed, or not even that, and then with an empty method and target. */
  fail(exchange: Exchange, connection: Connection, error: GatewayError): void;
  /** The engine or a layer threw while it handled what arrived on this connection. */
  failed(connection: Connection, thrown: unknown): void;
  closed(connection: Connection): void;
}
