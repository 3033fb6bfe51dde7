import type { Socket } from 'node:net';
import { EMPTY, type Source, type Tunnel } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import { Exchange, type Peer } from '../http/exchange.ts';
import type { Headers } from '../http/headers.ts';
import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import type { Timeout } from '../lib/wheel.ts';
import { type BodyOwner, BodyReader } from './body-reader.ts';
import { type BodyWriter, HIGH_WATER, type WriterOwner } from './body-writer.ts';
import { INCOMPLETE } from './fields.ts';
import { sendReply } from './send-reply.ts';
import { ServerTunnel } from './server-tunnel.ts';
import type { Service } from './service.ts';
import { CR, LF } from './syntax.ts';
import { replyHead, statusLine } from './write-head.ts';

/** Bytes of further requests, or of a body nobody reads yet, that are kept before reading stops. */
const HOLD_LIMIT = 64 * 1024;
/** A request body that nobody wanted is read and thrown away up to this size, to save the connection. */
const DISCARD_LIMIT = 64 * 1024;
const MAX_EMPTY_LINES = 4;
/** How long a connection whose last reply is out is read on, in ms. */
const LINGER = 1000;
/**
 * A client that closed its sending half may still read, but nearly always it is gone and only a write would show it.
 * It gets this many ms for a reply to begin.
 */
const HALF_CLOSE_GRACE = 1000;

/**
 * idle: between requests. head: part of one is here. busy: an exchange goes on. discard: it is over, the rest of its
 * body is thrown away. tunnel: HTTP is over. linger: the last reply is out, what still arrives is thrown away, so that
 * the client can read it. closed: nothing happens any more.
 */
type State = 'idle' | 'head' | 'busy' | 'discard' | 'tunnel' | 'linger' | 'closed';

/** What the connection's one timeout means when it fires. */
type Waiting = 'nothing' | 'head' | 'idle' | 'body' | 'write' | 'half-closed' | 'linger';

/**
 * The server side of one HTTP/1.1 connection (RFC 9112): reads requests, one exchange at a time, and writes their
 * replies in order. Owns the socket from accept to close; a tunnel borrows it. See docs/wire.md for the picture.
 */
export class Connection implements BodyOwner, WriterOwner {
  readonly socket: Socket;
  readonly peer: Peer;
  private readonly service: Service;
  private readonly secure: boolean;
  private readonly timeout: Timeout;
  private state: State = 'idle';
  private waiting: Waiting = 'nothing';
  /** Bytes that have arrived and are not consumed. */
  private pending: Buffer | undefined;
  private advancing = false;
  private halfClosed = false;
  private writtenAtHalfClose = 0;
  private discarded = 0;
  private exchange: Exchange | undefined;
  private body: BodyReader | undefined;
  private writer: BodyWriter | undefined;
  private tunnel: ServerTunnel | undefined;
  private source: Source | undefined;
  private replied = false;
  private persistent = true;
  private keepAliveAsked = false;
  private expectContinue = false;
  private status = 0;

  constructor(socket: Socket, peer: Peer, service: Service, secure: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.service = service;
    this.secure = secure;
    this.timeout = service.wheel.timeout(() => this.expired());
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    socket.on('drain', () => this.onDrain());
    socket.on('end', () => this.onEnd());
    socket.on('error', () => this.gone());
    socket.on('close', () => this.gone());
    this.wait('head', service.timeouts.header);
  }

  get idle(): boolean {
    return this.state === 'idle' && this.pending === undefined;
  }

  /** Stops after the exchange in progress, at once if there is none. */
  drain(): void {
    this.persistent = false;
    if (this.idle || this.state === 'head') this.linger();
  }

  /** Cuts the connection, whatever goes on. The client sees a reset, never a body that looks whole. */
  destroy(): void {
    this.socket.resetAndDestroy();
    this.gone();
  }

  private wait(what: Waiting, ms: number): void {
    this.waiting = what;
    if (what === 'nothing') this.timeout.clear();
    else this.timeout.set(ms);
  }

  private onData(bytes: Buffer): void {
    switch (this.state) {
      case 'idle':
      case 'head':
        this.hold(bytes);
        this.advance();
        break;
      case 'busy':
      case 'discard':
        this.hold(bytes);
        this.pump();
        break;
      case 'tunnel':
        this.tunnel?.fromClient(bytes);
        break;
      default:
    }
  }

  private hold(bytes: Buffer): void {
    this.pending = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
  }

  /** Reads requests from what has arrived until one is in progress or the bytes run out. */
  private advance(): void {
    if (this.advancing) return;
    this.advancing = true;
    while (this.pending !== undefined && (this.state === 'idle' || this.state === 'head')) {
      // A client that sends requests and reads no replies waits here.
      if (this.socket.writableLength > HIGH_WATER) {
        this.bodyBlocked();
        break;
      }
      if (!this.readHead(this.pending)) break;
    }
    this.advancing = false;
    // A client may send several requests before it closes its half: all are answered.
    if (this.halfClosed && (this.state === 'idle' || this.state === 'head') && this.waiting !== 'write') this.linger();
  }

  /** @returns false when more bytes are needed */
  private readHead(buf: Buffer): boolean {
    let start = 0;
    let lines = 0;
    while (buf[start] === CR && buf[start + 1] === LF && lines++ < MAX_EMPTY_LINES) start += 2;
    if (start === buf.length || (start === buf.length - 1 && buf[start] === CR)) {
      this.pending = start === buf.length ? undefined : buf.subarray(start);
      return false;
    }
    const { parser, timeouts } = this.service;
    const next = parser.parse(buf, start, buf.length);
    if (next === INCOMPLETE) {
      if (this.state === 'idle') {
        this.state = 'head';
        if (this.waiting !== 'head') this.wait('head', timeouts.header);
      }
      return false;
    }
    this.state = 'busy';
    this.wait('nothing', 0);
    if (parser.error !== undefined) {
      this.pending = undefined;
      this.refuse(parser.error);
      return false;
    }
    this.pending = next === buf.length ? undefined : buf.subarray(next);
    this.begin();
    return true;
  }

  /** An answer to a request that never became an exchange; the connection ends with it. */
  private refuse(error: GatewayError): void {
    this.persistent = false;
    this.replied = false;
    this.keepAliveAsked = false;
    this.body = undefined;
    this.send(this.service.refuse(error), false, 1);
  }

  private begin(): void {
    const { service } = this;
    const { parser } = service;
    const { framing, minor } = parser;
    this.replied = false;
    this.status = 0;
    if (service.draining || framing.close || (minor === 0 && !framing.keepAlive)) this.persistent = false;
    this.keepAliveAsked = minor === 0 && framing.keepAlive;
    const hasBody = framing.chunked || framing.contentLength > 0;
    const upgrade = hasBody || minor === 0 ? undefined : framing.upgrade;
    const exchange = new Exchange(
      parser.method,
      this.secure ? 'https' : 'http',
      parser.authority,
      parser.target.value,
      parser.headers,
      this.peer,
      minor,
      upgrade,
      service.wheel.clock.now(),
    );
    exchange.informant = this;
    this.exchange = exchange;
    this.body = hasBody ? new BodyReader(this, framing.chunked ? 'chunked' : framing.contentLength) : undefined;
    exchange.body = this.body ?? EMPTY;
    const expectation = minor === 1 ? framing.expect : undefined;
    this.expectContinue = expectation !== undefined && hasBody;
    const problem = this.problemOf(expectation);
    if (problem === undefined) service.serve(exchange, this);
    else service.fail(exchange, this, problem);
  }

  /** What is well-formed but not for us. */
  private problemOf(expectation: string | undefined): GatewayError | undefined {
    const { target } = this.service.parser;
    if (expectation !== undefined && expectation.toLowerCase() !== '100-continue') return new GatewayError('expectation_failed');
    if (target.scheme === 'https' && !this.secure) return new GatewayError('misdirected_request');
    return undefined;
  }

  /** Interim replies go out at once; 1.0 clients know none (RFC 9110 §15.2). */
  informational(exchange: Exchange, status: number, headers?: Headers): void {
    if (exchange !== this.exchange || this.replied || exchange.minor === 0 || this.state !== 'busy') return;
    this.socket.write(`${statusLine(status)}${headers?.lines() ?? ''}\r\n`, 'latin1');
  }

  // ── request body ──────────────────────────────────────────────────────────────────────────────────────────────

  bodyWanted(): void {
    if (this.state !== 'busy') return;
    if (this.expectContinue) {
      this.expectContinue = false;
      if (this.pending === undefined && !this.replied) this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
    }
    this.pump();
  }

  bodyAbandoned(): void {
    if (this.state === 'busy' && this.waiting === 'body') this.wait('nothing', 0);
  }

  /** Moves what has arrived into the request's body, as far as its consumer takes it. */
  private pump(): void {
    const { body } = this;
    while (this.pending !== undefined && body !== undefined && !body.done && (body.flowing || this.state === 'discard')) {
      const buf = this.pending;
      this.pending = undefined;
      const stop = body.feed(buf, 0, buf.length);
      if (this.state === 'closed') return;
      if (stop < 0) {
        this.breakBody(new GatewayError('bad_request', body.problem));
        return;
      }
      this.discarded += stop;
      if (stop < buf.length) this.pending = this.pending === undefined ? buf.subarray(stop) : Buffer.concat([buf.subarray(stop), this.pending]);
    }
    this.afterPump(body);
  }

  private afterPump(body: BodyReader | undefined): void {
    if (this.state === 'discard') {
      if (body?.done) this.next();
      else if (this.discarded > DISCARD_LIMIT) this.linger();
      else this.wait('body', this.service.timeouts.body);
      return;
    }
    const reading = body !== undefined && !body.done && body.flowing;
    if (reading) {
      if (this.waiting === 'nothing' || this.waiting === 'body') this.wait('body', this.service.timeouts.body);
    } else if (this.waiting === 'body') this.wait('nothing', 0);
    const full = (this.pending?.length ?? 0) > HOLD_LIMIT || (body?.piped === true && !body.done && !body.flowing && !body.abandoned);
    if (full) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  /** The request's body cannot be read to its end: the exchange fails, and the connection with it. */
  private breakBody(error: GatewayError): void {
    this.persistent = false;
    this.pending = undefined;
    if (this.state === 'discard') {
      this.linger();
      return;
    }
    this.body?.fail(error);
    this.exchange?.cancel(error);
  }

  // ── reply ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Answers the exchange. Only the first reply counts; the body of a late one is cancelled. */
  reply(exchange: Exchange, reply: Reply): void {
    if (exchange !== this.exchange || this.replied || this.state !== 'busy') {
      if (isSource(reply.body)) reply.body.cancel();
      else if (isTunnel(reply.body)) reply.body.fromUpstream.cancel();
      return;
    }
    this.send(reply, exchange.method === 'HEAD', exchange.minor);
  }

  /** Whether the exchange goes on and its reply's head is not out. */
  awaits(exchange: Exchange): boolean {
    return exchange === this.exchange && !this.replied;
  }

  /** The reply of the exchange will not be whole: its connection ends so that the client can tell. */
  cut(exchange: Exchange, error: GatewayError): void {
    if (exchange === this.exchange) this.bodyBroken(error);
  }

  private send(reply: Reply, head: boolean, minor: number): void {
    this.replied = true;
    this.status = reply.status;
    const { body, socket } = this;
    // An unread rest that is too long, or of unknown length, is not worth the connection.
    if (body !== undefined && !body.done && !body.flowing && (body.missing < 0 || body.missing > DISCARD_LIMIT)) this.persistent = false;
    const text = replyHead(reply, {
      head,
      minor,
      persistent: this.persistent,
      keepAliveAsked: this.keepAliveAsked,
      date: this.service.date.now(),
    });
    this.persistent = text.persistent;
    if (isTunnel(reply.body)) {
      this.startTunnel(reply.body, text.text);
      return;
    }
    this.writer = sendReply(socket, reply, text, this);
    if (this.writer === undefined) {
      this.bodyWritten();
      return;
    }
    const source = reply.body as Source;
    this.source = source;
    this.writer.onDrain = () => source.resume();
    source.pipe(this.writer);
    this.writer?.flush();
  }

  private startTunnel(tunnel: Tunnel, head: string): void {
    this.socket.write(head, 'latin1');
    this.state = 'tunnel';
    this.wait('nothing', 0);
    this.tunnel = new ServerTunnel(this.socket, tunnel, (error) => this.tunnelOver(error));
    const early = this.pending;
    this.pending = undefined;
    this.tunnel.start(early);
  }

  private tunnelOver(error: Error | undefined): void {
    this.finish(error === undefined ? undefined : new GatewayError('upstream_reset', undefined, error));
    if (error === undefined) this.linger();
    else this.destroy();
  }

  bodyWritten(): void {
    if (this.state !== 'busy') return;
    this.writer = this.source = undefined;
    const { body } = this;
    this.finish(undefined);
    if (!this.persistent) this.linger();
    else if (body === undefined || body.done) this.next();
    else if (body.missing >= 0 && body.missing <= DISCARD_LIMIT) this.discard(body);
    else this.linger();
  }

  /** What was promised in the head will not come: a clean end would make a part look whole. */
  bodyBroken(error: Error): void {
    this.finish(error instanceof GatewayError ? error : new GatewayError('upstream_invalid_reply', undefined, error));
    this.destroy();
  }

  bodyBlocked(): void {
    this.wait('write', this.service.timeouts.body);
  }

  private onDrain(): void {
    if (this.waiting === 'write') this.wait('nothing', 0);
    if (this.state === 'tunnel') this.tunnel?.clientDrained();
    else if (this.writer !== undefined) this.writer.onDrain?.();
    else this.advance();
    if (this.state === 'idle' && this.waiting === 'nothing') this.wait('idle', this.service.timeouts.keep_alive);
  }

  // ── ends ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private finish(error: GatewayError | undefined): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.end({ status: this.replied ? this.status : 499, error: error ?? exchange.failure });
  }

  private discard(body: BodyReader): void {
    this.state = 'discard';
    this.discarded = 0;
    body.cancel();
    this.socket.resume();
    this.pump();
  }

  private next(): void {
    this.state = 'idle';
    this.body = undefined;
    if (this.socket.isPaused()) this.socket.resume();
    this.wait('idle', this.service.timeouts.keep_alive);
    this.advance();
  }

  /** Ends our side and reads on for a moment: closing with unread bytes would reset the reply away (RFC 9112 §9.6). */
  private linger(): void {
    this.state = 'linger';
    this.pending = undefined;
    this.wait('linger', this.service.timeouts.body);
    this.socket.end(() => {
      if (this.state === 'linger') this.wait('linger', LINGER);
    });
    this.socket.resume();
  }

  private onEnd(): void {
    switch (this.state) {
      case 'busy':
        this.halfClosed = true;
        if (this.body !== undefined && !this.body.done) this.gone();
        else {
          this.writtenAtHalfClose = this.socket.bytesWritten;
          if (this.waiting === 'nothing') this.wait('half-closed', HALF_CLOSE_GRACE);
        }
        break;
      case 'tunnel':
        this.tunnel?.clientEnd();
        break;
      default:
        this.linger();
    }
  }

  /** The client is no more: nothing can be told to it, and nobody needs to work for it. */
  private gone(): void {
    if (this.state === 'closed') return;
    const before = this.state;
    this.state = 'closed';
    this.pending = undefined;
    this.timeout.remove();
    if (!this.socket.destroyed) this.socket.destroy();
    const error = new GatewayError('client_gone');
    if (before === 'tunnel') this.tunnel?.clientGone(error);
    this.writer?.abandon();
    this.source?.cancel();
    this.body?.fail(error);
    this.exchange?.cancel(error);
    this.finish(error);
    this.service.closed(this);
  }

  private expired(): void {
    const { waiting } = this;
    this.waiting = 'nothing';
    switch (waiting) {
      case 'head':
        if (this.state === 'head') this.refuse(new GatewayError('request_timeout'));
        else this.linger();
        break;
      case 'body':
        this.breakBody(new GatewayError('request_timeout'));
        break;
      case 'half-closed':
        // Nothing could be written that a reset would have answered: take the client for gone.
        if (this.socket.bytesWritten === this.writtenAtHalfClose) this.gone();
        break;
      case 'idle':
        this.linger();
        break;
      case 'write':
      case 'linger':
        this.destroy();
        break;
      default:
    }
  }
}
