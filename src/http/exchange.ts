import { EMPTY, type Source } from './body.ts';
import type { GatewayError } from './errors.ts';
import type { Headers } from './headers.ts';
import type { ClientCertificate, Identity } from './identity.ts';
import type { Reply } from './reply.ts';

/** Who is at the other end of a connection, as the socket says it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** Whether what this peer says about others (`X-Forwarded-*`, `X-Request-ID`) is believed. */
  readonly trusted: boolean;
  /** What it showed over TLS, verified; undefined: nothing. */
  readonly certificate?: ClientCertificate | undefined;
}

/** How an exchange ended, known when the last byte of the reply was handed over or it broke off. */
export interface Outcome {
  /** The status the client saw; 499 when it went away before there was one. */
  readonly status: number;
  /** Why the reply is not whole; undefined when it is. */
  readonly error: GatewayError | undefined;
}

interface Informant {
  informational(exchange: Exchange, status: number, headers?: Headers): void;
}

type Cancelled = (error: GatewayError) => void;
type Ended = (outcome: Outcome) => void;
type Decorator = (reply: Reply) => void;
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * One request and what became of it, from its head until the last byte of its reply. Fed by HTTP/1.1 connections,
 * and the same for every layer. Belongs to one event loop; nothing in it is safe to keep after the end.
 */
export class Exchange {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host and port as the client named them; empty where an HTTP/1.0 client named none. */
  authority: string;
  /** Path and query, as they go to the upstream. */
  target: string;
  readonly headers: Headers;
  body: Source = EMPTY;
  readonly peer: Peer;
  /** The client's HTTP minor version: 0 or 1. */
  readonly minor: number;
  /** Lower-case protocol names of an `Upgrade` request; undefined for any other. */
  upgrade: string | undefined;
  /** `performance.now()` when the head was complete. */
  readonly startedAt: number;
  /** The address that policies see: the peer's, or the one a trusted peer vouches for. */
  clientAddress: string;
  requestId = '';
  routeId = '';
  /** Who answered, for logs and metrics: `backend/address`, or empty. */
  upstream = '';
  /** How often it has been sent to an upstream. */
  attempts = 0;
  /** Why the gateway itself answered with an error; undefined when it did not. */
  failure: GatewayError | undefined;
  params: Readonly<Record<string, string>> = NO_PARAMS;
  /** Who asks, once that is proved; undefined before, and where nobody asked for proof. */
  identity: Identity | undefined;
  /** Fields of a form in its body, once somebody has read them. */
  form: URLSearchParams | undefined;
  /** What the client is answered, from when that is known: an error's reply too. */
  reply: Reply | undefined;
  /** Who writes interim replies for this exchange: its connection. */
  informant: Informant | undefined;

  private cancelled: GatewayError | undefined;
  private cancelListeners: Cancelled[] | undefined;
  private outcome: Outcome | undefined;
  private endListeners: Ended[] | undefined;
  private decorators: Decorator[] | undefined;

  constructor(
    method: string,
    scheme: 'http' | 'https',
    authority: string,
    target: string,
    headers: Headers,
    peer: Peer,
    minor: number,
    upgrade: string | undefined,
    startedAt: number,
  ) {
    this.method = method;
    this.scheme = scheme;
    this.authority = authority;
    this.target = target;
    this.headers = headers;
    this.peer = peer;
    this.minor = minor;
    this.upgrade = upgrade;
    this.startedAt = startedAt;
    this.clientAddress = peer.address;
    this.identity = undefined;
    this.form = undefined;
    this.informant = undefined;
    this.reply = undefined;
    this.failure = undefined;
    this.cancelled = undefined;
    this.cancelListeners = undefined;
    this.outcome = undefined;
    this.endListeners = undefined;
    this.decorators = undefined;
  }

  /** The target without its query. */
  get path(): string {
    const query = this.target.indexOf('?');
    return query < 0 ? this.target : this.target.slice(0, query);
  }

  /** Writes an interim reply (102, 103) at once; does nothing for HTTP/1.0 or once the final head is out. */
  informational(status: number, headers?: Headers): void {
    this.informant?.informational(this, status, headers);
  }

  /**
   * Calls back with the final reply just before its head is written, whoever made it: an error's reply too. For fields that
   * must be on every reply of a route. Who asked last is called first, as if the layers wrapped each other.
   */
  onReply(decorator: Decorator): void {
    if (this.decorators === undefined) this.decorators = [decorator];
    else this.decorators.push(decorator);
  }

  /** Called once, by who sends the final reply. */
  decorate(reply: Reply): void {
    const { decorators } = this;
    this.decorators = undefined;
    if (decorators !== undefined) callAll(decorators.reverse(), reply);
  }

  /** Gives up: work in progress stops. The first error counts; later calls do nothing. */
  cancel(error: GatewayError): void {
    if (this.cancelled !== undefined || this.outcome !== undefined) return;
    this.cancelled = error;
    const listeners = this.cancelListeners;
    this.cancelListeners = undefined;
    if (listeners !== undefined) callAll(listeners, error);
  }

  get cancelError(): GatewayError | undefined {
    return this.cancelled;
  }

  /** Calls back on {@link cancel}: at once if that has happened, never after the end. */
  onCancel(listener: Cancelled): void {
    if (this.cancelled !== undefined) listener(this.cancelled);
    else if (this.cancelListeners === undefined) this.cancelListeners = [listener];
    else this.cancelListeners.push(listener);
  }

  offCancel(listener: Cancelled): void {
    const at = this.cancelListeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.cancelListeners?.splice(at, 1);
  }

  /** Calls back exactly once, when the reply's body is done or broke off: at once if that has happened. */
  onEnd(listener: Ended): void {
    if (this.outcome !== undefined) listener(this.outcome);
    else if (this.endListeners === undefined) this.endListeners = [listener];
    else this.endListeners.push(listener);
  }

  /** Called by the connection that owns the exchange. The first call counts. */
  end(outcome: Outcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.cancelListeners = undefined;
    const listeners = this.endListeners;
    this.endListeners = undefined;
    if (listeners !== undefined) callAll(listeners, outcome);
  }
}

/** One that throws must not keep the others from what they have to do: permits would never come back. Throws what was thrown first. */
function callAll<Value>(listeners: readonly ((value: Value) => void)[], value: Value): void {
  let failure: { readonly thrown: unknown } | undefined;
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (thrown) {
      failure ??= { thrown };
    }
  }
  if (failure !== undefined) throw failure.thrown;
}
