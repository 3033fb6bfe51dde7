import type { Socket } from 'node:net';
import { SMALL_BODY } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import { Reply } from '../http/reply.ts';
import type { Timeout } from '../lib/wheel.ts';
import { UNTIL_CLOSE } from './body-reader.ts';
import type { ChannelKeeper, ChannelRequest, ChannelTools, ChannelUser } from './channel-ports.ts';
import { TUNNEL_PROBE } from './connection-state.ts';
import { type DialOptions, dial, type Reader } from './dial.ts';
import { INCOMPLETE } from './fields.ts';
import { idleLimitOf } from './keep-alive.ts';
import { cutOff } from './lingering.ts';
import { ReadBuffer } from './read-buffer.ts';
import { ReplyBody, type ReplyBodyHost } from './reply-body.ts';
import { RequestSending, type SendingHost } from './request-sending.ts';
import { Stall } from './stall.ts';
import { hasNoBody } from './write-head.ts';

/** An upstream that answers with nothing but these is not answering. */
const MAX_INTERIM = 32;

/** waiting: a reply is due. body: its head is known. */
type State = 'connecting' | 'idle' | 'waiting' | 'body' | 'tunnel' | 'closed';

/**
 * The client side of one HTTP/1.1 connection: one request at a time (RFC 9112 §9.3). It is used again only when both
 * messages ended exactly where their framing says and nothing came after; after any doubt it is closed.
 */
export class Channel implements Reader, SendingHost, ReplyBodyHost {
  private readonly tools: ChannelTools;
  private readonly options: DialOptions;
  private readonly keeper: ChannelKeeper;
  private readonly socket: Socket;
  private readonly timeout: Timeout;
  private readonly stall: Stall;
  private readonly memory: ReadBuffer;
  private readonly sending = new RequestSending(this);
  private state: State = 'connecting';
  private request: ChannelRequest | undefined;
  private user: ChannelUser | undefined;
  private body: ReplyBody | undefined;
  /** The beginning of a reply's head. */
  private partial: Buffer | undefined;
  private served = 0;
  private answered = false;
  private interim = 0;
  private persistent = false;
  /** How long the upstream lets it idle, in ms. */
  idleLimit = Number.POSITIVE_INFINITY;
  /** When it became idle, on the wheel's clock: for its keeper. */
  idleSince = 0;
  remoteAddress: string | undefined;

  constructor(options: DialOptions, tools: ChannelTools, keeper: ChannelKeeper) {
    this.options = options;
    this.tools = tools;
    this.keeper = keeper;
    this.memory = new ReadBuffer(tools.buffers);
    this.timeout = tools.wheel.timeout(() => this.expired());
    this.timeout.set(options.connectTimeout);
    this.stall = new Stall(tools.wheel, () => this.expired());
    this.socket = dial(options, this, () => this.connected());
    this.socket.on('drain', () => this.sending.drained());
    this.socket.on('end', () => this.ended());
    this.socket.on('error', (error) => this.broken(error));
    this.socket.on('close', () => this.broken(undefined));
  }

  /** Sends a request, as soon as the connection stands. The channel must be new or free. */
  send(request: ChannelRequest, user: ChannelUser): void {
    this.request = request;
    this.user = user;
    this.answered = false;
    this.interim = 0;
    if (this.state === 'idle') this.start(request);
  }

  /** Gives up: the user is told, the connection freed at once. */
  cancel(error: GatewayError): void {
    this.fail(error, false);
  }

  close(): void {
    this.cancel(new GatewayError('upstream_reset'));
  }

  private connected(): void {
    if (this.state !== 'connecting') return;
    this.state = 'idle';
    this.timeout.clear();
    this.remoteAddress = this.socket.remoteAddress;
    if (this.request !== undefined) this.start(this.request);
    else this.keeper.free(this);
  }

  private start(request: ChannelRequest): void {
    this.state = 'waiting';
    this.sending.start(request, this.socket);
  }

  requestSent(): void {
    if (this.state === 'tunnel') this.socket.end();
    else if (this.state === 'waiting') this.timeout.set(this.options.readTimeout);
  }

  requestBroken(error: Error): void {
    this.fail(error instanceof GatewayError ? error : new GatewayError('bad_request', error.message), false);
  }

  requestBlocked(blocked: boolean): void {
    if (blocked) this.stall.begin(this.options.writeTimeout);
    else this.stall.end();
  }

  next(): Buffer {
    return this.memory.next();
  }

  read(length: number): boolean {
    try {
      return this.take(length);
    } catch (thrown) {
      this.fail(new GatewayError('internal', undefined, thrown), false);
      return false;
    }
  }

  private take(length: number): boolean {
    if (this.state === 'waiting') {
      this.answered = true;
      const bytes = this.memory.current.subarray(0, length);
      this.readHead(this.partial === undefined ? bytes : Buffer.concat([this.partial, bytes]));
      return true;
    }
    const more = this.body?.read(this.memory.take(length));
    if (this.body?.released) this.memory.reclaim();
    if (more !== undefined) return more;
    // Nobody asked: the next reply on this connection could be anybody's.
    this.close();
    return false;
  }

  private readHead(buf: Buffer): void {
    const { parser } = this.tools;
    this.partial = undefined;
    let start = 0;
    for (;;) {
      const next = parser.parse(buf, start, buf.length);
      if (next === INCOMPLETE) {
        this.partial = start === buf.length ? undefined : Buffer.from(buf.subarray(start));
        if (this.sending.done) this.timeout.set(this.options.readTimeout);
        return;
      }
      if (next < 0) return this.bodyRefused(parser.problem);
      if (parser.status >= 200) return this.readReply(buf, next);
      if (parser.status === 101) return this.openTunnel(buf, next);
      if (++this.interim > MAX_INTERIM) return this.bodyRefused('interim replies without end');
      if (parser.status !== 100) this.user?.informed(parser.status, parser.headers);
      if (this.state !== 'waiting') return;
      start = next;
    }
  }

  private readReply(buf: Buffer, start: number): void {
    const { status, headers, framing, minor } = this.tools.parser;
    this.persistent = minor === 1 ? !framing.close : framing.keepAlive;
    // It has no body (RFC 9112 §6.3); an upstream that announces one may send it all the same, later.
    if (status === 204 && (framing.chunked || framing.contentLength > 0)) this.persistent = false;
    if (framing.keepAliveParams !== undefined) this.idleLimit = idleLimitOf(framing.keepAliveParams);
    headers.add('Via', minor === 1 ? '1.1 sluice' : '1.0 sluice');
    const left = buf.length - start;
    const bodiless = hasNoBody(status, this.request?.isHead === true);
    const length = bodiless ? 0 : framing.contentLength;
    const chunked = framing.chunked && !bodiless;
    if (length === 0 && !chunked) this.answer(new Reply(status, headers), left === 0);
    else if (length > 0 && length <= left && length <= SMALL_BODY) {
      this.answer(new Reply(status, headers, buf.toString('latin1', start, start + length)), left === length);
    } else this.readLarge(buf, start, new Reply(status, headers), chunked ? 'chunked' : length);
  }

  /** A body that is not all here, or is chunked. */
  private readLarge(buf: Buffer, start: number, reply: Reply, framing: 'chunked' | number): void {
    const body = new ReplyBody(this, framing);
    if (framing === UNTIL_CLOSE) this.persistent = false;
    const rest = Buffer.from(buf.subarray(start));
    const stop = body.prefeed(rest);
    if (stop < 0) return this.bodyRefused(body.source.problem);
    const whole = body.source.whole();
    reply.body = whole === undefined ? body.source : whole.length <= SMALL_BODY ? whole.toString('latin1') : whole;
    if (body.source.done) return this.answer(reply, stop === rest.length);
    this.body = body;
    this.state = 'body';
    this.memory.stream(true);
    this.timeout.clear();
    this.answer(reply);
  }

  /**
   * Tells the user.
   * @param exact the reply is complete, and whether nothing came after it: the connection then goes back first, so that
   * it can serve whoever waits
   */
  private answer(reply: Reply, exact?: boolean): void {
    const { user } = this;
    this.user = undefined;
    if (exact !== undefined) this.bodyDone(exact);
    user?.replied(reply);
  }

  bodyAwaited(waiting: boolean): void {
    if (waiting && this.state === 'body') this.timeout.set(this.options.readTimeout);
    else this.timeout.clear();
  }

  bodyResumed(): void {
    this.bodyAwaited(true);
    this.socket.resume();
  }

  bodyRefused(problem: string): void {
    this.cancel(new GatewayError('upstream_invalid_reply', undefined, new Error(problem)));
  }

  bodyAbandoned(): void {
    this.close();
  }

  bodyDone(exact: boolean): void {
    // The other half of a tunnel goes on.
    if (this.state === 'tunnel' && !this.socket.writableEnded) return;
    this.body = undefined;
    this.memory.stream(false);
    this.timeout.clear();
    if (!this.sending.done || !this.persistent || !exact || this.idleLimit <= 0) {
      this.shut(false);
      return;
    }
    this.request = undefined;
    this.state = 'idle';
    this.served += 1;
    this.keeper.free(this);
  }

  /** The connection speaks another protocol from here on, because the client and the upstream agreed to. */
  private openTunnel(buf: Buffer, start: number): void {
    const { headers, framing } = this.tools.parser;
    const protocol = framing.upgrade;
    // It has to be one of those the client offered (RFC 9110 §7.8).
    const offered = this.request?.upgrade?.split(',').some((one) => one.trim() === protocol) ?? false;
    if (protocol === undefined || !offered || !this.sending.done) return this.bodyRefused('a 101 nobody asked for');
    this.state = 'tunnel';
    this.timeout.clear();
    this.memory.stream(true);
    this.body = new ReplyBody(this, UNTIL_CLOSE);
    if (start < buf.length) this.body.prefeed(Buffer.from(buf.subarray(start)));
    this.socket.setKeepAlive(true, TUNNEL_PROBE);
    headers.remove('content-length');
    headers.add('Upgrade', protocol);
    headers.add('Via', '1.1 sluice');
    this.answer(new Reply(101, headers, { fromUpstream: this.body.source, toUpstream: this.sending.tunnel(this.socket) }));
  }

  /** The upstream sends no more. */
  private ended(): void {
    if (this.body === undefined) this.broken(undefined);
    else this.body.finish();
  }

  private broken(cause: Error | undefined): void {
    const code = this.state === 'connecting' ? 'upstream_connect' : 'upstream_reset';
    this.fail(new GatewayError(code, undefined, cause), this.state === 'waiting' && this.served > 0 && !this.answered);
  }

  private expired(): void {
    this.fail(new GatewayError(this.state === 'connecting' ? 'upstream_connect_timeout' : 'upstream_timeout'), false);
  }

  /** Closes, and tells whoever waits for the reply or reads its body. */
  private fail(error: GatewayError, unanswered: boolean): void {
    if (this.state === 'closed') return;
    const { user, body } = this;
    this.user = this.body = undefined;
    // A request that is to be sent once more keeps its body.
    this.shut(unanswered);
    body?.source.fail(error);
    user?.failed(error, unanswered);
  }

  private shut(keepBody: boolean): void {
    if (this.state === 'closed') return;
    // A tunnel whose client broke off: the upstream is to see that, and no end in good order.
    cutOff(this.socket, this.state === 'tunnel' && !this.socket.writableEnded);
    this.state = 'closed';
    this.timeout.remove();
    this.stall.remove();
    this.partial = undefined;
    this.sending.abandon(keepBody);
    this.keeper.closed(this);
  }
}
