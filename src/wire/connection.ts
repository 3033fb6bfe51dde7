import type { Socket } from 'node:net';
import { GatewayError } from '../http/errors.ts';
import type { Exchange, Peer } from '../http/exchange.ts';
import type { Headers } from '../http/headers.ts';
import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import type { Timeout } from '../lib/wheel.ts';
import { HIGH_WATER } from './body-writer.ts';
import { DRAIN_GRACE, HALF_CLOSE_GRACE, type State, TUNNEL_PROBE, type Waiting } from './connection-state.ts';
import { Intake, type IntakeHost } from './intake.ts';
import { cutOff, Lingering } from './lingering.ts';
import { bodyFraming, expectsContinue, openExchange, refusal, unreadExchange } from './open-exchange.ts';
import { ReplyTerms } from './reply-terms.ts';
import { type ReplyHost, Replying } from './replying.ts';
import { type ReaderHost, RequestReader } from './request-reader.ts';
import type { Service } from './service.ts';
import { Stall } from './stall.ts';
import { Turn } from './turn.ts';

/**
 * The server side of one HTTP/1.1 connection (RFC 9112): reads requests, one exchange at a time, and has their
 * replies written in order. Owns the socket from accept to close; a tunnel borrows it. docs/wire.md has the picture.
 */
export class Connection implements IntakeHost, ReaderHost, ReplyHost {
  readonly socket: Socket;
  peer: Peer; // of the requests that begin from now on
  private readonly service: Service;
  private readonly secure: boolean;
  private readonly timeout: Timeout;
  private readonly stall: Stall;
  private lingering: Lingering | undefined;
  private readonly intake: Intake;
  private readonly reader: RequestReader;
  private readonly replying: Replying;
  private readonly terms: ReplyTerms;
  private state: State = 'idle';
  private waiting: Waiting = 'nothing';
  private writtenAtHalfClose = 0;
  private readonly turn = new Turn();
  constructor(socket: Socket, peer: Peer, service: Service, secure: boolean) {
    this.socket = socket;
    this.peer = peer;
    this.service = service;
    this.secure = secure;
    this.stall = new Stall(service.wheel, () => this.destroy());
    this.intake = new Intake(socket, this);
    this.reader = new RequestReader(this.intake, service.parser, this);
    this.replying = new Replying(this);
    this.terms = new ReplyTerms(service.date);
    this.timeout = service.wheel.timeout(() => this.guard(() => this.expired()));
    socket.on('data', (bytes: Buffer) => this.guard(() => this.onData(bytes)));
    socket.on('drain', () => this.guard(() => this.onDrain()));
    socket.on('end', () => this.guard(() => this.onEnd()));
    for (const event of ['error', 'close']) socket.on(event, () => this.gone());
    this.wait('head', service.timeouts.header);
  }

  /** Stops after the exchange in progress, or the one whose request may be on its way. */
  drain(): void {
    this.terms.persistent = false;
    if (this.state === 'idle' && this.waiting !== 'nothing')
      this.wait('idle', Math.min(DRAIN_GRACE, this.service.timeouts.keep_alive));
  }

  /** Cuts the connection, whatever goes on. The client sees a reset, never a body that looks whole. */
  destroy(): void {
    cutOff(this.socket, true);
    this.gone();
  }

  /** When it is closed for idleness, on the wheel's clock; infinite unless it waits for a request and owes nothing. */
  get idleUntil(): number {
    return this.waiting === 'idle' && this.socket.writableLength === 0 ? this.timeout.at : Number.POSITIVE_INFINITY;
  }

  private wait(what: Waiting, ms: number): void {
    this.waiting = what;
    this.timeout.set(ms);
  }

  /** A fault of ours costs the one connection it happens on. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.service.failed(this, thrown);
    }
  }

  private onData(bytes: Buffer): void {
    if (this.state === 'linger' || this.state === 'closed') this.lingering?.arrived();
    else if (this.state === 'tunnel') this.replying.tunnel?.fromClient(bytes);
    else {
      this.intake.hold(bytes);
      if (this.state === 'busy' || this.state === 'discard') this.intake.pump();
      else this.advance();
    }
  }

  private advance(): void {
    this.reader.advance();
    // A client may send several requests before it closes its half: all are answered.
    if (this.intake.ended && this.betweenReplies && !this.stall.blocked) this.linger();
  }

  private get betweenReplies(): boolean {
    return this.state === 'idle' || this.state === 'head';
  }

  mayRead(): boolean {
    if (!this.betweenReplies || this.socket.writableLength <= HIGH_WATER) return this.betweenReplies;
    // A client that sends requests and reads no replies waits here.
    this.stall.begin(this.service.timeouts.body);
    this.socket.pause();
    return false;
  }

  headBegun(): void {
    this.state = 'head';
    if (this.waiting !== 'head') this.wait('head', this.service.timeouts.header); // runs since accept for the first one
  }

  /** An answer to bytes that never became a request; the connection ends with it. */
  headRefused(error: GatewayError): void {
    this.intake.drop();
    this.intake.open(undefined, false);
    this.state = 'busy';
    this.wait('nothing', 0);
    this.terms.last();
    const exchange = this.turn.begin(unreadExchange(this.peer, this.secure, this.service.wheel.clock.now()));
    this.service.fail(exchange, this, error);
  }

  headRead(): void {
    this.state = 'busy';
    this.wait('nothing', 0);
    const { service, intake } = this;
    const { parser } = service;
    const exchange = openExchange(parser, this.peer, this.secure, service.wheel.clock.now());
    exchange.informant = this;
    this.turn.begin(exchange);
    this.terms.read(parser, service.draining);
    exchange.body = intake.open(bodyFraming(parser), expectsContinue(parser));
    const problem = refusal(parser, this.secure);
    if (problem === undefined) service.serve(exchange, this);
    else service.fail(exchange, this, problem);
  }

  /** Interim replies go out at once; 1.0 clients know none (RFC 9110 §15.2). */
  informational(exchange: Exchange, status: number, headers?: Headers): void {
    if (!this.awaits(exchange) || exchange.minor === 0) return;
    this.replying.interim(status, headers);
  }

  bodyInvited(): void {
    if (!this.turn.replied) this.replying.interim(100, undefined);
  }

  bodyAwaited(waiting: boolean): void {
    if (this.waiting !== 'nothing' && this.waiting !== 'body') return;
    if (waiting) this.wait('body', this.service.timeouts.body);
    else if (this.waiting === 'body') this.wait('nothing', 0);
  }

  /** The request's body cannot be read to its end: the exchange fails, and the connection with it. */
  bodyRefused(error: GatewayError): void {
    this.terms.persistent = false;
    if (this.state === 'discard') {
      this.linger();
      return;
    }
    // First the exchange, so that the answer tells the cause and not what follows from it.
    this.turn.cancel(error);
    this.intake.fail(error);
  }

  bodyDiscarded(rest: boolean): void {
    if (this.state !== 'discard') return;
    if (rest && this.terms.persistent) this.next();
    else this.linger();
  }

  /** Answers the exchange. Only the first reply counts; the body of a late one is cancelled. */
  reply(exchange: Exchange, reply: Reply): void {
    if (this.awaits(exchange)) this.send(reply);
    else if (isSource(reply.body)) reply.body.cancel();
    else if (isTunnel(reply.body)) reply.body.fromUpstream.cancel();
  }

  /** Whether the exchange goes on and its reply's head is not out. */
  awaits(exchange: Exchange): boolean {
    return this.turn.is(exchange) && !this.turn.replied && this.state === 'busy';
  }

  /** The reply of the exchange will not be whole: its connection ends so that the client can tell. */
  cut(exchange: Exchange, error: GatewayError): void {
    if (this.turn.is(exchange)) this.replyBroken(error);
  }

  private send(reply: Reply): void {
    this.turn.answered(reply.status);
    if (!this.intake.sparable) this.terms.persistent = false;
    this.replying.send(reply, this.terms);
    // A half-close that came before there was a tunnel to pass it to.
    if (this.state === 'tunnel' && this.intake.ended) this.replying.tunnel?.clientEnd();
  }

  replyDone(): void {
    if (this.state !== 'busy' && this.state !== 'tunnel') return;
    this.turn.end(undefined);
    if (!this.terms.persistent) {
      this.linger();
      return;
    }
    this.state = 'discard';
    if (this.intake.finish()) this.next();
  }

  /** What was promised in the head will not come: a clean end would make a part look whole. */
  replyBroken(error: GatewayError): void {
    this.turn.end(error);
    this.destroy();
  }

  replyBlocked(): void {
    this.stall.begin(this.service.timeouts.body);
  }

  private onDrain(): void {
    const { blocked } = this.stall;
    this.stall.end();
    if (!this.betweenReplies) this.replying.drained();
    if (!blocked || !this.betweenReplies) return;
    this.socket.resume();
    this.advance();
  }

  tunnelOpened(): Buffer | undefined {
    const early = this.intake.pending;
    this.intake.pending = undefined;
    this.state = 'tunnel';
    this.wait('nothing', 0);
    this.socket.setKeepAlive(true, TUNNEL_PROBE);
    return early;
  }

  private next(): void {
    this.state = 'idle';
    if (this.socket.isPaused()) this.socket.resume();
    this.wait('idle', this.service.timeouts.keep_alive);
    this.advance();
  }

  private linger(): void {
    if (this.state === 'linger' || this.state === 'closed') return;
    this.state = 'linger';
    this.waiting = 'linger';
    this.intake.pending = undefined;
    this.stall.end();
    this.lingering = new Lingering(this.socket, this.timeout, this.service.wheel);
    this.lingering.start(this.service.timeouts.body);
  }

  private onEnd(): void {
    this.intake.ended = true;
    if (this.state === 'tunnel') this.replying.tunnel?.clientEnd();
    else if (this.state !== 'busy') this.linger();
    else if (this.intake.cutShort) this.gone();
    else {
      this.writtenAtHalfClose = this.socket.bytesWritten;
      if (this.waiting === 'nothing') this.wait('half-closed', HALF_CLOSE_GRACE);
    }
  }

  /** The client is no more, or has to make room: nothing is told to it, and nobody needs to work for it. */
  gone(): void {
    if (this.state === 'closed') return;
    const error = new GatewayError('client_gone');
    cutOff(this.socket, this.state === 'busy' && this.turn.replied);
    this.state = 'closed';
    this.timeout.remove();
    this.stall.remove();
    this.replying.abandon();
    this.turn.cancel(error);
    this.intake.fail(error);
    this.turn.end(error);
    this.service.closed(this);
  }

  private expired(): void {
    const { waiting } = this;
    this.waiting = 'nothing';
    if (waiting === 'head' && this.state === 'head') this.headRefused(new GatewayError('request_timeout'));
    else if (waiting === 'head' || waiting === 'idle') this.linger();
    else if (waiting === 'body') this.bodyRefused(new GatewayError('request_timeout'));
    else if (waiting === 'linger' && this.lingering?.delivered) this.gone();
    else if (waiting === 'linger') this.destroy();
    // Nothing was written that a reset could have answered: take the client for gone.
    else if (waiting === 'half-closed' && this.socket.bytesWritten === this.writtenAtHalfClose) this.gone();
  }
}
