import type { GatewayOptions } from '../support/gateway.ts';
import type { OriginScript } from '../support/recording-origin.ts';

/** What the client does, in order. A string goes out as latin1. */
export type Send =
  | string
  | Uint8Array
  | { readonly pause: number }
  /** Waits until that many replies are whole, so many have begun, so many interim ones are there, the reply has so many body bytes … */
  | { readonly replies: number }
  | { readonly heads: number }
  | { readonly interim: number }
  | { readonly body: number }
  | { readonly tunnel: number }
  /** … or the origin has read that many heads. */
  | { readonly origin: number }
  | { readonly wait: string }
  | { readonly signal: string }
  /** Sends the piece again and again with pauses, as long as the connection lives. */
  | { readonly drip: string | Uint8Array; readonly every: number; readonly times: number }
  | { readonly do: 'half-close' | 'close' | 'reset' | 'stop reading' | 'read on' };

type Fields = Readonly<Record<string, string | RegExp | null | readonly string[]>>;

/** One reply as it must come. A field: exact value (of all lines, joined by a comma), pattern, absent (null), or each line. */
export interface Reply {
  readonly status: number | readonly number[];
  /** Method and version of the request it answers, where it is not the first request or not clear from its first line. */
  readonly to?: string;
  readonly body?: string | RegExp | Uint8Array;
  readonly length?: number;
  readonly fields?: Fields;
  readonly trailers?: Fields;
  /** Statuses of the interim replies before it; `any` where a 100 may come or not. */
  readonly interim?: readonly number[] | 'any 100';
  readonly interimFields?: Fields;
  /** The body must not look whole; a 502 in its place is as good. */
  readonly cut?: true;
  /** Milliseconds from connecting: not earlier, not later. */
  readonly after?: number;
  readonly before?: number;
}

/** One request as the origin must see it. */
export interface Forwarded {
  readonly method?: string;
  readonly target?: string | RegExp;
  readonly body?: string | RegExp | Uint8Array;
  readonly fields?: Fields;
  readonly trailers?: Fields;
  readonly tunnel?: string | RegExp;
}

interface Ending {
  /** The gateway ends the connection and says so; with false, the connection must serve another request. */
  readonly closed: boolean | 'reset' | 'idle' | 'either';
  /** How many requests, or which, or which arrived whole, or that only their form counts. */
  readonly originSaw: number | 'any' | readonly Forwarded[] | { readonly whole: readonly Forwarded[] };
  /** Over how many connections they came. */
  readonly connections?: number;
  /** The gateway must leave the connections of these requests within two seconds. */
  readonly originLeft?: true;
  readonly tunnel?: string | RegExp;
  /** The reply may be missing: the connection just ends. */
  readonly orSilence?: true;
}

export type Expected = Ending & (Reply | { readonly replies: readonly Reply[] });

export interface Case {
  readonly name: string;
  readonly rfc: string;
  readonly send: readonly Send[];
  /** Idle connections to the origin, left by other rows, are closed before. */
  readonly fresh?: true;
  /** What the origin does with the first request, or with each; by default it reads all and replies 200 `ok`. */
  readonly origin?: string | OriginScript;
  readonly origins?: readonly (string | OriginScript)[];
  readonly expect: Expected;
  /** Milliseconds that the whole case may take. */
  readonly limit?: number;
}

export interface Topic {
  readonly topic: string;
  readonly cases: readonly Case[];
  readonly gateway?: GatewayOptions;
  /** Run every row again with each byte in a write of its own. */
  readonly bytewise?: true;
  /** How many rows may run side by side, each with a gateway and an origin of its own. */
  readonly lanes?: number;
  /** The upstream of the configuration is an address where nobody listens. */
  readonly unreachable?: true;
}

/** Lines with CRLF, and the empty one. */
export function lines(...all: readonly string[]): string {
  return `${all.join('\r\n')}\r\n\r\n`;
}

export function get(target = '/', ...fields: readonly string[]): string {
  return lines(`GET ${target} HTTP/1.1`, 'Host: a.example', ...fields);
}

/** A POST with these framing fields and, after its head, this text. */
export function post(fields: readonly string[], body = ''): string {
  return lines('POST /in HTTP/1.1', 'Host: a.example', ...fields) + body;
}

export function chunked(body: string, ...fields: readonly string[]): string {
  return post(['Transfer-Encoding: chunked', ...fields], body);
}

/** A row for bytes that must be refused, with nothing forwarded and the connection closed. */
export function refused(
  name: string,
  rfc: string,
  bytes: string | Uint8Array | readonly Send[],
  status: number | readonly number[] = 400,
  originSaw: Expected['originSaw'] = 0,
): Case {
  return { name, rfc, send: Array.isArray(bytes) ? bytes : [bytes as string], expect: { status, closed: true, originSaw } };
}

/** A row for bytes that must reach the origin as this and be answered, with the connection good for more. */
export function passes(name: string, rfc: string, bytes: string | Uint8Array | readonly Send[], seen: Forwarded = {}): Case {
  const send = Array.isArray(bytes) ? bytes : [bytes as string];
  return { name, rfc, send, expect: { status: 200, body: 'ok', closed: false, originSaw: [seen] } };
}

/** A reply of the origin with its length. */
export function reply(body: string, ...fields: readonly string[]): string {
  return lines('HTTP/1.1 200 OK', `Content-Length: ${body.length}`, ...fields) + body;
}
