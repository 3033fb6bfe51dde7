/** Who broke the promise: the client, the gateway, or the upstream. */
type Source = 'client' | 'gateway' | 'upstream';

interface Row {
  readonly status: number;
  readonly source: Source;
  /** Whether another attempt at another upstream is sane, as far as the error itself can tell. */
  readonly retryable: boolean;
  /** For people; says nothing about the inside. */
  readonly title: string;
}

const row = (status: number, source: Source, retryable: boolean, title: string): Row => ({ status, source, retryable, title });

/**
 * Every way an exchange can break, with the status a client sees. 502 is an upstream that answered badly or broke
 * off, 503 is no upstream to ask or no room to wait for one, 504 is one that did not answer in time (RFC 9110 §15.6).
 */
export const ERRORS = {
  bad_request: row(400, 'client', false, 'The request is not valid HTTP'),
  upgrade_refused: row(403, 'client', false, 'This route does not change to this protocol'),
  not_found: row(404, 'client', false, 'No route for this path'),
  method_not_allowed: row(405, 'client', false, 'No route for this method'),
  request_timeout: row(408, 'client', false, 'The request did not arrive in time'),
  content_too_large: row(413, 'client', false, 'The request body is too large'),
  uri_too_long: row(414, 'client', false, 'The request target is too long'),
  expectation_failed: row(417, 'client', false, 'This expectation is not supported'),
  misdirected_request: row(421, 'client', false, 'This request is not served on this connection'),
  headers_too_large: row(431, 'client', false, 'The request header section is too large'),
  client_gone: row(499, 'client', false, 'The client went away'),
  internal: row(500, 'gateway', false, 'The gateway failed'),
  not_implemented: row(501, 'client', false, 'This transfer coding or method is not implemented'),
  version_not_supported: row(505, 'client', false, 'This HTTP version is not supported'),
  identity_unavailable: row(503, 'gateway', false, 'The identity could not be verified now'),
  limits_unavailable: row(503, 'gateway', false, 'The limits of this route cannot be counted now'),
  draining: row(503, 'gateway', false, 'The gateway is shutting down'),
  too_many_connections: row(503, 'gateway', false, 'The gateway has no room for another connection'),
  route_timeout: row(504, 'upstream', false, 'The request took longer than its route allows'),
  upstream_connect: row(502, 'upstream', true, 'The upstream could not be reached'),
  upstream_connect_timeout: row(504, 'upstream', true, 'The upstream did not accept the connection in time'),
  upstream_reset: row(502, 'upstream', true, 'The upstream closed the connection before it replied'),
  upstream_timeout: row(504, 'upstream', true, 'The upstream did not reply in time'),
  upstream_invalid_reply: row(502, 'upstream', false, 'The upstream sent a reply that is not valid HTTP'),
  upstream_unavailable: row(503, 'upstream', false, 'No upstream is available'),
  circuit_open: row(503, 'upstream', false, 'The upstreams have failed too often and are left alone for a while'),
  upstream_queue_full: row(503, 'upstream', false, 'Too many requests are waiting for an upstream'),
  upstream_queue_timeout: row(503, 'upstream', false, 'No upstream connection became free in time'),
} as const satisfies Record<string, Row>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * A broken promise, as it travels up the chain. Only `server/error-reply.ts` turns one into a reply.
 * `detail` is shown to the client: it may name what the client sent, never an address, a path or a stack of ours.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** Seconds after which asking again may help, where somebody knows; shown with 503 only. */
  retryAfter: number | undefined;

  constructor(code: ErrorCode, detail?: string, cause?: unknown) {
    super(detail ?? ERRORS[code].title, cause === undefined ? undefined : { cause });
    this.name = 'GatewayError';
    this.code = code;
    this.detail = detail;
    this.retryAfter = undefined;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get source(): Source {
    return ERRORS[this.code].source;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** What was thrown, as an error of the table: anything unforeseen is `internal`. */
export function asGatewayError(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : new GatewayError('internal', undefined, thrown);
}
