import type { Socket } from 'node:net';
import { SMALL_BODY } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import { Reply } from '../http/reply.ts';
import type { Timeout } from '../lib/wheel.ts';
import { type BodyOwner, BodyReader, UNTIL_CLOSE } from './body-reader.ts';
import { BodyWriter, type WriterOwner } from './body-writer.ts';
import type { ChannelKeeper, ChannelRequest, ChannelTools, ChannelUser } from './channel-ports.ts';
import { type DialOptions, dial, type Reader } from './dial.ts';
import { INCOMPLETE } from './fields.ts';
import { ReadBuffer } from './read-buffer.ts';
import { hasNoBody } from './write-head.ts';

/** An upstream that answers with nothing but these is not answering. */
const MAX_INTERIM = 32;
/** An upstream that says when it closes an idle connection is believed, this much earlier, in ms. */
const KEEP_ALIVE_MARGIN = 1000;

/** waiting: a reply is due. body: its head is known. */
type State = 'connecting' | 'idle' | 'waiting' | 'body' | 'tunnel' | 'closed';

/**
 * The client side of one HTTP/1.1 connection: one request at a time (RFC 9112 §9.3). It is used again only when both
 * messages ended exactly where their framing says and nothing came after; after any doubt it is closed.
 */
export class Channel implements BodyOwner, WriterOwner, Reader {
  private readonly tools: ChannelTools;
  private readonly options: DialOptions;
  private readonly keeper: ChannelKeeper;
  private readonly socket: Socket;
  private readonly timeout: Timeout;
  private readonly memory: ReadBuffer;
  private state: State = 'connecting';
  private served = 0;
  private request: ChannelRequest | undefined;
  private user: ChannelUser | undefined;
  private writer: BodyWriter | undefined;
  private requestDone = true;
  /** Bytes that have arrived and are not consumed: a part of a head, or of a body nobody reads yet. */
  private pending: Buffer | undefined;
  private answered = false;
  private eof = false;
  private interim = 0;
  private body: BodyReader | undefined;
  private persistent = false;
  /** How long the upstream lets it idle, in ms. */
  idleLimit = Number.POSITIVE_INFINITY;
  /** When it became idle, on the wheel's clock: for its keeper. */
  idleSince = 0;

  constructor(options: DialOptions, tools: ChannelTools, keeper: ChannelKeeper) {
    this.options = options;
    this.tools = tools;
    this.keeper = keeper;
    this.memory = new ReadBuffer(tools.buffers);
    this.timeout = tools.wheel.timeout(() => this.expired());
    this.timeout.set(options.connectTimeout);
    this.socket = dial(options, this, () => this.connected());
    this.socket.on('drain', () => this.drained());
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
    this.fail(new GatewayError('upstream_reset'), false);
  }

  private connected(): void {
    if (this.state !== 'connecting') return;
    this.state = 'idle';
    this.timeout.clear();
    if (this.request !== undefined) this.start(this.request);
    else this.keeper.free(this);
  }

  private start(request: ChannelRequest): void {
    const { head, body, upgrade } = request;
    this.state = 'waiting';
    if (body.length === 0) {
      this.requestDone = true;
      const tail = upgrade === undefined ? '\r\n' : `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
      this.socket.write(head + tail, 'latin1');
      this.timeout.set(this.options.readTimeout);
      return;
    }
    this.requestDone = false;
    const tail = body.length < 0 ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n';
    const writer = new BodyWriter(this.socket, this, head + tail, body.length < 0 ? 'chunked' : body.length);
    this.writer = writer;
    writer.onDrain = () => body.resume();
    body.pipe(writer);
    writer.flush();
  }

  // ── request body ──────────────────────────────────────────────────────────────────────────────────────────────

  bodyWritten(): void {
    this.writer = undefined;
    if (this.state === 'tunnel') this.socket.end();
    else this.requestDone = true;
    if (this.state === 'waiting') this.timeout.set(this.options.readTimeout);
  }

  /** The client's body broke off: the upstream must not take a part for the whole. */
  bodyBroken(error: Error): void {
    this.fail(error instanceof GatewayError ? error : new GatewayError('bad_request', error.message), false);
  }

  bodyBlocked(): void {
    this.timeout.set(this.options.writeTimeout);
  }

  private drained(): void {
    if (this.state === 'tunnel') this.timeout.clear();
    else if (this.writer !== undefined) this.timeout.clear();
    this.writer?.onDrain?.();
  }

  // ── reply ─────────────────────────────────────────────────────────────────────────────────────────────────────

  next(): Buffer {
    return this.memory.next();
  }

  read(length: number): boolean {
    switch (this.state) {
      case 'waiting':
        this.answered = true;
        if (this.pending === undefined) this.readHead(this.memory.current.subarray(0, length));
        else this.readHead(Buffer.concat([this.pending, this.memory.current.subarray(0, length)]));
        return true;
      case 'body':
      case 'tunnel':
        return this.readBody(this.memory.take(length));
      case 'idle':
        // Nobody asked: the next reply on this connection could be anybody's.
        this.close();
        return false;
      default:
        return false;
    }
  }

  private readHead(buf: Buffer): void {
    const { parser } = this.tools;
    this.pending = undefined;
    let start = 0;
    for (;;) {
      const next = parser.parse(buf, start, buf.length);
      if (next === INCOMPLETE) {
        this.pending = start === buf.length ? undefined : Buffer.from(buf.subarray(start));
        if (this.requestDone) this.timeout.set(this.options.readTimeout);
        return;
      }
      if (next < 0) {
        this.fail(new GatewayError('upstream_invalid_reply', undefined, new Error(parser.problem)), false);
        return;
      }
      if (parser.status >= 200) {
        this.readReply(buf, next);
        return;
      }
      if (parser.status === 101) {
        this.openTunnel(buf, next);
        return;
      }
      if (++this.interim > MAX_INTERIM) {
        this.fail(new GatewayError('upstream_invalid_reply', undefined, new Error('interim replies without end')), false);
        return;
      }
      if (parser.status !== 100) this.user?.informed(parser.status, parser.headers);
      if (this.state !== 'waiting') return;
      start = next;
    }
  }

  private readReply(buf: Buffer, start: number): void {
    const { status, headers, framing, minor } = this.tools.parser;
    this.persistent = minor === 1 ? !framing.close : framing.keepAlive;
    if (framing.keepAliveParams !== undefined) this.idleLimit = idleLimitOf(framing.keepAliveParams);
    headers.add('Via', minor === 1 ? '1.1 sluice' : '1.0 sluice');
    const left = buf.length - start;
    const length = hasNoBody(status, this.request?.isHead === true) ? 0 : framing.contentLength;
    if (length === 0 && !(framing.chunked && !hasNoBody(status, this.request?.isHead === true))) {
      this.answer(new Reply(status, headers), left === 0);
    } else if (length > 0 && length <= left && length <= SMALL_BODY) {
      this.answer(new Reply(status, headers, buf.toString('latin1', start, start + length)), left === length);
    } else {
      this.readLarge(buf, start, new Reply(status, headers), framing.chunked ? 'chunked' : length);
    }
  }

  /** A body that is not all here, or is chunked. */
  private readLarge(buf: Buffer, start: number, reply: Reply, framing: 'chunked' | number): void {
    const body = new BodyReader(this, framing);
    this.body = body;
    this.state = 'body';
    if (framing === UNTIL_CLOSE) this.persistent = false;
    const own = Buffer.from(buf.subarray(start));
    const stop = body.prefeed(own, 0, own.length);
    if (stop < 0) {
      this.state = 'waiting';
      this.fail(new GatewayError('upstream_invalid_reply', undefined, new Error(body.problem)), false);
      return;
    }
    const whole = body.whole();
    if (whole !== undefined) {
      reply.body = whole.length <= SMALL_BODY ? whole.toString('latin1') : whole;
      this.answer(reply, stop === own.length);
      return;
    }
    reply.body = body;
    if (body.done) {
      this.answer(reply, stop === own.length);
      return;
    }
    this.memory.stream(true);
    this.timeout.clear();
    const { user } = this;
    this.user = undefined;
    user?.replied(reply);
  }

  /** The reply is complete. The connection goes back first, so that it can serve whoever waits. */
  private answer(reply: Reply, exact: boolean): void {
    const { user } = this;
    this.user = undefined;
    this.replyDone(exact);
    user?.replied(reply);
  }

  private readBody(bytes: Buffer): boolean {
    const { body } = this;
    if (body === undefined) return false;
    if (!body.flowing) {
      this.pending = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
      return false;
    }
    const stop = body.feed(bytes, 0, bytes.length);
    if (this.body !== body) return false;
    if (stop < 0) {
      this.fail(new GatewayError('upstream_invalid_reply', undefined, new Error(body.problem)), false);
      return false;
    }
    if (body.done) {
      this.replyDone(stop === bytes.length);
      return true;
    }
    if (this.state === 'body') {
      if (body.flowing) this.timeout.set(this.options.readTimeout);
      else this.timeout.clear();
    }
    return body.flowing;
  }

  bodyWanted(): void {
    const { pending } = this;
    this.pending = undefined;
    const more = pending === undefined || this.readBody(pending);
    if (this.eof) this.ended();
    if (!more || this.body === undefined) return;
    if (this.state === 'body') this.timeout.set(this.options.readTimeout);
    this.socket.resume();
  }

  bodyAbandoned(): void {
    this.close();
  }

  private replyDone(exact: boolean): void {
    this.body = undefined;
    this.memory.stream(false);
    this.timeout.clear();
    if (!this.requestDone || !this.persistent || !exact || this.idleLimit <= 0) {
      this.shut();
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
    const { request, user } = this;
    const protocol = framing.upgrade;
    // It has to be one of those the client offered (RFC 9110 §7.8).
    const offered = request?.upgrade?.split(',').some((one) => one.trim() === protocol) ?? false;
    if (protocol === undefined || !offered || !this.requestDone) {
      this.fail(new GatewayError('upstream_invalid_reply', undefined, new Error('a 101 nobody asked for')), false);
      return;
    }
    this.state = 'tunnel';
    this.timeout.clear();
    this.memory.stream(true);
    const source = new BodyReader(this, UNTIL_CLOSE);
    const early = Buffer.from(buf.subarray(start));
    if (early.length > 0) source.prefeed(early, 0, early.length);
    this.body = source;
    const sink = new BodyWriter(this.socket, this, '', 'close');
    this.writer = sink;
    this.user = undefined;
    headers.add('Upgrade', protocol);
    headers.add('Via', '1.1 sluice');
    user?.replied(new Reply(101, headers, { fromUpstream: source, toUpstream: sink }));
  }

  // ── ends ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The upstream sends no more. */
  private ended(): void {
    if (this.pending !== undefined && (this.state === 'body' || this.state === 'tunnel')) {
      this.eof = true;
      return;
    }
    const { body, state } = this;
    if (state === 'body') {
      this.body = undefined;
      body?.finish(new GatewayError('upstream_reset'));
      this.shut();
    } else if (state === 'tunnel') {
      body?.finish(new GatewayError('upstream_reset'));
      if (this.writer === undefined) this.shut();
    } else this.broken(undefined);
  }

  private broken(cause: Error | undefined): void {
    if (this.state === 'closed') return;
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
    if (unanswered) this.requestDone = true;
    this.shut();
    body?.fail(error);
    user?.failed(error, unanswered);
  }

  private shut(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.timeout.remove();
    this.pending = undefined;
    this.writer?.abandon();
    if (!this.requestDone) this.request?.body.cancel();
    this.socket.destroy();
    this.keeper.closed(this);
  }
}

/** `timeout=5` → ms, with a margin for the time that a request takes to get there. */
function idleLimitOf(params: string): number {
  const seconds = /(?:^|[,;\s])timeout\s*=\s*"?(\d{1,6})/i.exec(params)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000 - KEEP_ALIVE_MARGIN;
}
