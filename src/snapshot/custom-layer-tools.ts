import { ERRORS, type ErrorCode, GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import { bodyText, type Problem, problemReply } from '../http/problem.ts';
import { Reply } from '../http/reply.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../telemetry/log.ts';

/** Fields by their names; a list is one field for each value, as `Set-Cookie` needs it. */
type Fields = Readonly<Record<string, string | readonly string[]>>;

/** What a layer of a user may need and cannot import: the classes of the gateway that runs it. */
export interface LayerTools {
  /** The id of the route. */
  readonly route: string;
  readonly logger: Logger;
  /** `wall()` is the time of day, `now()` is for durations: both in milliseconds. */
  readonly clock: Pick<Clock, 'now' | 'wall'>;
  /**
   * An answer of the layer's own.
   * @param status 200 to 599
   * @param body text goes out as UTF-8
   * @throws TypeError for a status or a field that cannot be sent
   */
  reply(status: number, fields?: Fields, body?: string | Uint8Array): Reply;
  /**
   * A refusal, in the form of all that the gateway makes itself (RFC 9457).
   * @param problem `status` 400 to 599; `code` is a word for programs
   */
  problem(exchange: Exchange, problem: Problem): Reply;
  /**
   * To be thrown: an error of the gateway's own table, answered as its own are.
   * @param detail shown to the client: nothing of the inside
   * @throws TypeError for a code that the table does not have
   */
  error(code: ErrorCode, detail?: string): Error;
}

export function layerTools(route: string, logger: Logger, clock: Pick<Clock, 'now' | 'wall'>): LayerTools {
  const times = Object.freeze({ now: () => clock.now(), wall: () => clock.wall() });
  return Object.freeze({ route, logger, clock: times, reply, problem, error });
}

function reply(status: number, fields: Fields = {}, body: string | Uint8Array = ''): Reply {
  checkStatus(status, 200);
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one);
  }
  if (body.length === 0) return new Reply(status, headers);
  return new Reply(status, headers, typeof body === 'string' ? bodyText(body) : body);
}

function problem(exchange: Exchange, problem: Problem): Reply {
  checkStatus(problem.status, 400);
  return problemReply(problem, exchange.requestId);
}

function error(code: ErrorCode, detail?: string): Error {
  if (!Object.hasOwn(ERRORS, code)) throw new TypeError(`there is no error ${JSON.stringify(code)}`);
  return new GatewayError(code, detail);
}

function checkStatus(status: number, least: number): void {
  if (!Number.isInteger(status) || status < least || status > 599) {
    throw new TypeError(`not a status from ${least} to 599: ${String(status)}`);
  }
}
