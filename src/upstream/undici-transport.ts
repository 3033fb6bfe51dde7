import type { Dispatcher, Pool as UndiciPool } from 'undici';
import type { Sink, Source } from '../http/body.ts';
import { type ErrorCode, GatewayError } from '../http/errors.ts';
import { Headers } from '../http/headers.ts';
import { Reply } from '../http/reply.ts';
import { FORBIDDEN_TRAILERS } from '../wire/chunked.ts';
import type { DialOptions } from '../wire/dial.ts';
import { hasNoBody } from '../wire/write-head.ts';
import type { Outgoing } from './outgoing.ts';
import type { PoolLimits } from './pool.ts';
import { readableOf } from './readable.ts';
import type { Transport, TransportState } from './transport.ts';

/** undici's errors as ours; any other is a broken connection. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'upstream_connect_timeout',
  UND_ERR_HEADERS_TIMEOUT: 'upstream_timeout',
  UND_ERR_BODY_TIMEOUT: 'upstream_timeout',
  UND_ERR_HEADERS_OVERFLOW: 'upstream_invalid_reply',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream_invalid_reply',
  ECONNREFUSED: 'upstream_connect',
  EHOSTUNREACH: 'upstream_connect',
  ENETUNREACH: 'upstream_connect',
  ENOTFOUND: 'upstream_connect',
};

/**
 * undici behind the port: the second engine, and the one that HTTP/2 upstreams will need. No upgrades. It has no
 * bounded queue: `max_connections` holds, the requests beyond it wait inside undici.
 */
export class UndiciTransport implements Transport {
  private readonly open: () => Promise<UndiciPool>;
  private pool: Promise<UndiciPool>;
  /** One for all requests: undici closes a connection when the name changes. */
  private readonly name: string;
  private active = 0;

  constructor(authority: string, dialing: DialOptions, limits: PoolLimits) {
    this.name = dialing.tls?.servername ?? dialing.host;
    this.open = () => open(authority, dialing, limits);
    this.pool = this.open();
    this.pool.catch(() => {});
  }

  get state(): TransportState {
    return { connections: this.active, idle: 0, queued: 0 };
  }

  /** Its queue is undici's, and shows nothing. */
  get saturated(): boolean {
    return false;
  }

  async send(outgoing: Outgoing): Promise<Reply> {
    const pool = await this.pool;
    if (outgoing.cancelError !== undefined) throw outgoing.cancelError;
    this.active += 1;
    try {
      return await new Promise<Reply>((resolve, reject) => {
        const handler = new Dispatching(outgoing, resolve, reject);
        outgoing.onCancel((error) => handler.abandon(error));
        pool.dispatch(optionsOf(outgoing, this.name), handler);
      });
    } finally {
      this.active -= 1;
    }
  }

  /** undici tells nobody which address a connection goes to: all are made anew. */
  retire(): void {
    this.close();
    this.pool = this.open();
    this.pool.catch(() => {});
  }

  close(): void {
    this.pool.then((pool) => pool.close()).catch(() => {});
  }
}

async function open(authority: string, dialing: DialOptions, limits: PoolLimits): Promise<UndiciPool> {
  const { Pool, buildConnector } = await import('undici');
  const scheme = dialing.tls === undefined ? 'http' : 'https';
  const lookup = dialing.lookup === undefined ? {} : { lookup: dialing.lookup };
  const connector = buildConnector({ timeout: dialing.connectTimeout, allowH2: false, ...lookup, ...(dialing.tls as object) });
  const servername = dialing.tls?.servername ?? '';
  return new Pool(`${scheme}://${authority}`, {
    allowH2: false,
    connections: limits.maxConnections === 0 ? null : limits.maxConnections,
    pipelining: 1,
    keepAliveTimeout: limits.idleTimeout,
    headersTimeout: dialing.readTimeout,
    bodyTimeout: dialing.readTimeout,
    // By itself undici asks for, and checks the certificate against, whatever Host the client sent.
    connect: (options, done) => connector({ ...options, servername }, done),
  });
}

function optionsOf(outgoing: Outgoing, servername: string): Dispatcher.DispatchOptions & { servername: string } {
  const { method, target, headers, body } = outgoing;
  if (body.length !== 0) headers.remove('content-length');
  return {
    method: method as Dispatcher.HttpMethod,
    path: target,
    servername,
    headers: body.length > 0 ? [...headers.flat(), 'Content-Length', String(body.length)] : headers.flat(),
    body: body.length === 0 ? null : readableOf(body),
  };
}

/** One request on its way through undici, and then the source of its reply's body. */
class Dispatching implements Dispatcher.DispatchHandler, Source {
  length = -1;
  private readonly outgoing: Outgoing;
  private readonly resolve: (reply: Reply) => void;
  private readonly reject: (error: GatewayError) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private replied = false;
  private sink: Sink | undefined;
  private over = false;
  private failure: GatewayError | undefined;

  constructor(outgoing: Outgoing, resolve: (reply: Reply) => void, reject: (error: GatewayError) => void) {
    this.outgoing = outgoing;
    this.resolve = resolve;
    this.reject = reject;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.outgoing.cancelError !== undefined) controller.abort(this.outgoing.cancelError);
  }

  /** Gives up: at once, also while undici waits for a connection and has nothing to abort yet. */
  abandon(error: GatewayError): void {
    if (this.over) return;
    if (this.controller !== undefined) this.controller.abort(error);
    else {
      this.outgoing.body.cancel();
      this.reject(error);
    }
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status > 599) {
      controller.abort(new GatewayError('upstream_invalid_reply'));
      return;
    }
    const headers = fieldsOf(controller.rawHeaders);
    if (status < 200) {
      if (status !== 100) this.outgoing.informational(status, headers);
      return;
    }
    const declared = headers.get('content-length');
    if (declared !== undefined) this.length = Number(declared);
    headers.add('Via', '1.1 sluice');
    this.replied = true;
    if (hasNoBody(status, this.outgoing.method === 'HEAD') || this.length === 0) {
      this.resolve(new Reply(status, headers));
      return;
    }
    controller.pause();
    this.resolve(new Reply(status, headers, this));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.sink?.chunk(chunk) === false) controller.pause();
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.over = true;
    const trailers = fieldsOf(controller.rawTrailers);
    for (const name of FORBIDDEN_TRAILERS) trailers.remove(name);
    this.sink?.end(trailers.flat().length === 0 ? undefined : trailers);
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error & { code?: string }): void {
    this.over = true;
    const error =
      cause instanceof GatewayError ? cause : new GatewayError(codeOf(cause, this.controller !== undefined), undefined, cause);
    this.failure = error;
    if (this.replied) this.sink?.fail(error);
    else this.reject(error);
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    if (this.failure === undefined) this.controller?.resume();
    else sink.fail(this.failure);
  }

  resume(): void {
    this.controller?.resume();
  }

  cancel(): void {
    if (this.over) return;
    this.sink = undefined;
    this.controller?.abort(new GatewayError('client_gone'));
  }
}

/** @param started the request was on its way: before that, all there is to fail is the connection, TLS included */
function codeOf({ name, code = '' }: Error & { code?: string }, started: boolean): ErrorCode {
  // Its parser's errors have many codes, or none.
  if (name === 'HTTPParserError') return 'upstream_invalid_reply';
  return CODES[code] ?? (started ? 'upstream_reset' : 'upstream_connect');
}

const HOP_BY_HOP = [
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['proxy-authenticate', 'proxy-authentication-info'],
];

/** Fields as undici read them; those for the connection, listed ones too, stay behind. */
function fieldsOf(raw: Buffer[] | string[] | unknown): Headers {
  const headers = new Headers();
  const list = Array.isArray(raw) ? (raw as (Buffer | string)[]) : [];
  for (let at = 0; at + 1 < list.length; at += 2) headers.append(text(list[at]), text(list[at + 1]));
  const listed = headers.get('connection')?.toLowerCase().split(',') ?? [];
  for (const name of [...HOP_BY_HOP, ...listed]) headers.remove(name.trim());
  return headers;
}

function text(value: Buffer | string | undefined): string {
  return typeof value === 'string' ? value : (value?.toString('latin1') ?? '');
}
