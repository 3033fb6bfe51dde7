import type { Socket } from 'node:net';
import { EMPTY } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import type { Exchange, Peer } from '../http/exchange.ts';
import type { Headers } from '../http/headers.ts';
import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import type { Timeout } from '../lib/wheel.ts';
import { type BodyOwner, BodyReader } from './body-reader.ts';
import { HIGH_WATER } from './body-writer.ts';
import { INCOMPLETE } from './fields.ts';
import { Intake } from './intake.ts';
import { hasBody, openExchange, refusal } from './open-exchange.ts';
import { Replying, type ReplyHost } from './replying.ts';
import type { ServerTunnel } from './server-tunnel.ts';
import type { Service } from './service.ts';
import { CR, skipEmptyLines } from './syntax.ts';
import { type ReplyContext, statusLine } from './write-head.ts';

/** A request body that nobody wanted is read and thrown away up to this size, to save the connection. */
const DISCARD_LIMIT = 64 * 1024;
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
 * The server side of one HTTP/1.1 connection (RFC 9112): reads requests, one exchange at a time, and has their
 * replies written in order. Owns the socket from accept to close; a tunnel borrows it. docs/wire.md has the picture.
 */
export class Connection implements BodyOwner, ReplyHost, ReplyContext {
  readonly socket: Socket;
  readonly peer: Peer;
  private readonly service: Service;
  private readonly secure: boolean;
  private readonly timeout: Timeout;
  private readonly intake = new Intake();
  private readonly replying: Replying;
  private state: State = 'idle';
  private waiting: Waiting = 'nothing';
  private advancing = false;
  private emptyLines = 0;
  private halfClosed = false;
  private writtenAtHalfClose = 0;
  private exchange: Exchange | undefined;
  private tunnel: ServerTunnel | undefined;
  private replied = false;
  private expectContinue = false;
  private status = 0;
  // The context of the reply that is due.
  head = false;
  minor = 1;
  persistent = true;
  keepAliveAsked = false;

  constructor(socket: Socket, peer: Peer, service: Service, secure: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.service = service;
    this.secure = secure;
    this.replying = new Replying(this);
    this.timeout = service.wheel.timeout(() => this.expired());
    socket.on('data', (bytes: Buffer) => this.onData(bytes));
    socket.on('drain', () => this.onDrain());
    socket.on('end', () => this.onEnd());
    socket.on('error', () => this.gone());
    socket.on('close', () => this.gone());
    this.wait('head', service.timeouts.header);
  }

  get date(): string {
    return this.service.date.now();
  }

  /** Between two requests: closing it now costs nobody anything. */
  get idle(): boolean {
    return this.state === 'idle' && this.intake.pending === undefined;
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

  // ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────

  private onData(bytes: Buffer): void {
    if (this.state === 'linger' || this.state === 'closed') return;
    if (this.state === 'tunnel') {
      this.tunnel?.fromClient(bytes);
      return;
    }
    this.intake.hold(bytes);
    if (this.state === 'busy' || this.state === 'discard') this.pump();
    else this.advance();
  }

  /** Reads requests from what has arrived until one is in progress or the bytes run out. */
  private advance(): void {
    if (this.advancing) return;
    this.advancing = true;
    while (this.intake.pending !== undefined && (this.state === 'idle' || this.state === 'head')) {
      // A client that sends requests and reads no replies waits here.
      if (this.socket.writableLength > HIGH_WATER) {
        this.replyBlocked();
        this.socket.pause();
        break;
      }
      if (!this.readHead(this.intake.pending)) break;
    }
    this.advancing = false;
    // A client may send several requests before it closes its half: all are answered.
    if (this.halfClosed && (this.state === 'idle' || this.state === 'head') && this.waiting !== 'write') this.linger();
  }

  /** @returns false when more bytes are needed */
  private readHead(buf: Buffer): boolean {
    const { parser, timeouts } = this.service;
    const start = skipEmptyLines(buf, this.emptyLines);
    this.emptyLines += start / 2;
    this.intake.skip(buf, start);
    // Nothing, or what may become another empty line.
    if (start === buf.length || (buf[start] === CR && start + 1 === buf.length)) return false;
    const next = parser.parse(buf, start, buf.length);
    if (next === INCOMPLETE) {
      if (this.state === 'idle') {
        this.state = 'head';
        if (this.waiting !== 'head') this.wait('head', timeouts.header);
      }
      return false;
    }
    this.state = 'busy';
    this.emptyLines = 0;
    this.wait('nothing', 0);
    if (parser.error === undefined) {
      this.intake.skip(buf, next);
      this.begin();
    } else this.refuse(parser.error);
    return true;
  }

  /** An answer to bytes that never became an exchange; the connection ends with it. */
  private refuse(error: GatewayError): void {
    this.intake.pending = this.intake.body = undefined;
    this.state = 'busy';
    this.head = this.persistent = this.keepAliveAsked = false;
    this.minor = 1;
    this.send(this.service.refuse(error));
  }

  private begin(): void {
    const { service, intake } = this;
    const { parser } = service;
    const { framing, minor } = parser;
    const exchange = openExchange(parser, this.peer, this.secure, service.wheel.clock.now());
    exchange.informant = this;
    this.exchange = exchange;
    this.replied = false;
    this.status = 0;
    this.head = exchange.method === 'HEAD';
    this.minor = minor;
    this.keepAliveAsked = minor === 0 && framing.keepAlive;
    if (service.draining || framing.close || (minor === 0 && !framing.keepAlive)) this.persistent = false;
    intake.body = hasBody(parser) ? new BodyReader(this, framing.chunked ? 'chunked' : framing.contentLength) : undefined;
    exchange.body = intake.body ?? EMPTY;
    this.expectContinue = minor === 1 && framing.expect !== undefined && intake.body !== undefined;
    const problem = refusal(parser, this.secure);
    if (problem === undefined) service.serve(exchange, this);
    else service.fail(exchange, this, problem);
  }

  /** Interim replies go out at once; 1.0 clients know none (RFC 9110 §15.2). */
  informational(exchange: Exchange, status: number, headers?: Headers): void {
    if (!this.awaits(exchange) || exchange.minor === 0) return;
    this.socket.write(`${statusLine(status)}${headers?.lines() ?? ''}\r\n`, 'latin1');
  }

  bodyWanted(): void {
    if (this.state !== 'busy') return;
    if (this.expectContinue) {
      this.expectContinue = false;
      if (this.intake.pending === undefined && !this.replied) this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
    }
    this.pump();
  }

  bodyAbandoned(): void {
    if (this.state === 'busy' && this.waiting === 'body') this.wait('nothing', 0);
    if (this.state === 'busy' && this.socket.isPaused()) this.socket.resume();
  }

  private pump(): void {
    const { intake, state } = this;
    const { body } = intake;
    if (!intake.pump(state === 'discard')) {
      this.breakBody(new GatewayError('bad_request', body?.problem));
      return;
    }
    // What the consumer did may have ended the exchange.
    if (this.state !== state || intake.body !== body) return;
    if (state === 'discard') {
      if (body?.done) this.next();
      else if (intake.moved > DISCARD_LIMIT) this.linger();
      else this.wait('body', this.service.timeouts.body);
      return;
    }
    if (this.halfClosed && intake.cutShort) {
      this.gone();
      return;
    }
    if (this.waiting === 'nothing' || this.waiting === 'body') {
      if (intake.waitsForBytes) this.wait('body', this.service.timeouts.body);
      else if (this.waiting === 'body') this.wait('nothing', 0);
    }
    if (intake.full) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
  }

  /** The request's body cannot be read to its end: the exchange fails, and the connection with it. */
  private breakBody(error: GatewayError): void {
    this.persistent = false;
    this.intake.pending = undefined;
    if (this.state === 'discard') {
      this.linger();
      return;
    }
    // First the exchange, so that the answer tells the cause and not what follows from it.
    this.exchange?.cancel(error);
    this.intake.body?.fail(error);
  }

  // ── replying ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Answers the exchange. Only the first reply counts; the body of a late one is cancelled. */
  reply(exchange: Exchange, reply: Reply): void {
    if (this.awaits(exchange)) this.send(reply);
    else if (isSource(reply.body)) reply.body.cancel();
    else if (isTunnel(reply.body)) reply.body.fromUpstream.cancel();
  }

  /** Whether the exchange goes on and its reply's head is not out. */
  awaits(exchange: Exchange): boolean {
    return exchange === this.exchange && !this.replied && this.state === 'busy';
  }

  /** The reply of the exchange will not be whole: its connection ends so that the client can tell. */
  cut(exchange: Exchange, error: GatewayError): void {
    if (exchange === this.exchange) this.replyBroken(error);
  }

  private send(reply: Reply): void {
    this.replied = true;
    this.status = reply.status;
    const { body } = this.intake;
    // An unread rest that is too long, or of unknown length, is not worth the connection.
    if (body !== undefined && !body.done && !body.flowing && !isDiscardable(body)) this.persistent = false;
    this.replying.send(reply, this);
  }

  replyDone(): void {
    if (this.state !== 'busy') return;
    const { body } = this.intake;
    this.finish(undefined);
    if (!this.persistent) this.linger();
    else if (body === undefined || body.done) this.next();
    else if (isDiscardable(body)) this.discard(body);
    else this.linger();
  }

  /** What was promised in the head will not come: a clean end would make a part look whole. */
  replyBroken(error: GatewayError): void {
    this.finish(error);
    this.destroy();
  }

  replyBlocked(): void {
    this.wait('write', this.service.timeouts.body);
  }

  private onDrain(): void {
    if (this.waiting === 'write') this.wait('nothing', 0);
    if (this.state === 'tunnel') this.tunnel?.clientDrained();
    else if (this.replying.streaming) this.replying.drained();
    else if (this.state === 'idle' || this.state === 'head') {
      this.wait('idle', this.service.timeouts.keep_alive);
      this.socket.resume();
      this.advance();
    }
  }

  tunnelOpened(tunnel: ServerTunnel): void {
    const early = this.intake.pending;
    this.intake.pending = undefined;
    this.state = 'tunnel';
    this.tunnel = tunnel;
    this.wait('nothing', 0);
    tunnel.start(early);
  }

  tunnelOver(error: GatewayError | undefined): void {
    if (this.state !== 'tunnel') return;
    this.finish(error);
    if (error === undefined) this.linger();
    else this.destroy();
  }

  // ── ends ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private finish(error: GatewayError | undefined): void {
    const { exchange } = this;
    this.exchange = undefined;
    exchange?.end({ status: this.replied ? this.status : 499, error: error ?? exchange.failure });
  }

  private discard(body: BodyReader): void {
    this.state = 'discard';
    this.intake.moved = 0;
    body.cancel();
    this.socket.resume();
    this.pump();
  }

  private next(): void {
    this.state = 'idle';
    this.intake.body = undefined;
    if (this.socket.isPaused()) this.socket.resume();
    this.wait('idle', this.service.timeouts.keep_alive);
    this.advance();
  }

  /** Ends our side and reads on for a moment: closing with unread bytes would reset the reply away (RFC 9112 §9.6). */
  private linger(): void {
    if (this.state === 'linger' || this.state === 'closed') return;
    this.state = 'linger';
    this.intake.pending = undefined;
    this.wait('linger', this.service.timeouts.body);
    this.socket.end(() => {
      if (this.state === 'linger') this.wait('linger', LINGER);
    });
    this.socket.resume();
  }

  private onEnd(): void {
    if (this.state === 'tunnel') this.tunnel?.clientEnd();
    else if (this.state !== 'busy') this.linger();
    else if (this.intake.cutShort) this.gone();
    else {
      this.halfClosed = true;
      this.writtenAtHalfClose = this.socket.bytesWritten;
      if (this.waiting === 'nothing') this.wait('half-closed', HALF_CLOSE_GRACE);
    }
  }

  /** The client is no more: nothing can be told to it, and nobody needs to work for it. */
  private gone(): void {
    if (this.state === 'closed') return;
    const error = new GatewayError('client_gone');
    this.state = 'closed';
    this.intake.pending = undefined;
    this.timeout.remove();
    if (!this.socket.destroyed) this.socket.destroy();
    this.tunnel?.clientGone(error);
    this.replying.abandon();
    this.exchange?.cancel(error);
    this.intake.body?.fail(error);
    this.finish(error);
    this.service.closed(this);
  }

  private expired(): void {
    const { waiting } = this;
    this.waiting = 'nothing';
    if (waiting === 'head' && this.state === 'head') this.refuse(new GatewayError('request_timeout'));
    else if (waiting === 'head' || waiting === 'idle') this.linger();
    else if (waiting === 'body') this.breakBody(new GatewayError('request_timeout'));
    else if (waiting === 'write' || waiting === 'linger') this.destroy();
    // Nothing was written that a reset could have answered: take the client for gone.
    else if (waiting === 'half-closed' && this.socket.bytesWritten === this.writtenAtHalfClose) this.gone();
  }
}

function isDiscardable(body: BodyReader): boolean {
  return body.missing >= 0 && body.missing <= DISCARD_LIMIT;
}
