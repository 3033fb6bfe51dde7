import type { Socket } from 'node:net';
import { EMPTY, type Source } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import { type BodyOwner, BodyReader } from './body-reader.ts';

/** Bytes of further requests, or of a body nobody reads yet, that are kept before reading stops. */
const HOLD_LIMIT = 64 * 1024;
/** A request body that nobody wanted is read and thrown away up to this size, to save the connection. */
const DISCARD_LIMIT = 64 * 1024;

/** The connection, as what comes in sees it. */
export interface IntakeHost {
  /** The body's consumer waits for the client's next bytes, or does not any more. */
  bodyAwaited(waiting: boolean): void;
  /** The client is told to send its body, unless it has its answer already. */
  bodyInvited(): void;
  /** The body's framing is broken. */
  bodyRefused(error: GatewayError): void;
  /** The client left in the middle of the body. */
  gone(): void;
  /** @param rest false when there was more than is worth reading */
  bodyDiscarded(rest: boolean): void;
}

/** What a client has sent and nobody has consumed yet, and the request body that consumes it. */
export class Intake implements BodyOwner {
  private readonly socket: Socket;
  private readonly host: IntakeHost;
  pending: Buffer | undefined;
  private body: BodyReader | undefined;
  private expectContinue = false;
  private discarding = false;
  private delivering = false;
  private discarded = 0;
  /** The client sends no more. */
  ended = false;

  constructor(socket: Socket, host: IntakeHost) {
    this.socket = socket;
    this.host = host;
  }

  /** The body of the request that begins; undefined framing: it has none. */
  open(framing: 'chunked' | number | undefined, expectContinue: boolean): Source {
    this.body = framing === undefined ? undefined : new BodyReader(this, framing);
    this.expectContinue = expectContinue && framing !== undefined;
    this.discarding = false;
    return this.body ?? EMPTY;
  }

  hold(bytes: Buffer): void {
    this.pending = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
  }

  /** Keeps what stands behind `from`. */
  skip(buf: Buffer, from: number): void {
    this.pending = from >= buf.length ? undefined : from === 0 ? buf : buf.subarray(from);
  }

  bodyWanted(): void {
    if (this.discarding) return;
    if (this.expectContinue) {
      this.expectContinue = false;
      if (this.pending === undefined) this.host.bodyInvited();
    }
    this.pump();
  }

  bodyAbandoned(): void {
    this.host.bodyAwaited(false);
    this.adjust();
  }

  /** Moves bytes into the body, as far as its consumer takes them. */
  pump(): void {
    const { body } = this;
    this.delivering = true;
    while (this.pending !== undefined && body !== undefined && !body.done && (body.flowing || this.discarding)) {
      const buf = this.pending;
      this.pending = undefined;
      const stop = body.feed(buf, 0, buf.length);
      if (stop < 0) {
        this.delivering = false;
        this.host.bodyRefused(new GatewayError('bad_request', body.problem));
        return;
      }
      this.discarded += stop;
      // What the consumer did may have let more in meanwhile, or ended it all.
      if (stop < buf.length) {
        const rest = buf.subarray(stop);
        this.pending = this.pending === undefined ? rest : Buffer.concat([rest, this.pending]);
      }
    }
    this.delivering = false;
    // The exchange ended with its body; what came behind that can be read now.
    if (this.body !== body) this.host.bodyDiscarded(true);
    else if (this.discarding) this.checkDiscarded();
    else if (this.ended && this.cutShort) this.host.gone();
    else {
      this.host.bodyAwaited(body !== undefined && !body.done && body.flowing);
      this.adjust();
    }
  }

  /** Reads from the socket exactly while there is room for what comes. */
  private adjust(): void {
    const { body, socket } = this;
    const consumerSlow = body?.piped === true && !body.done && !body.flowing && !body.abandoned;
    const full = consumerSlow || (this.pending?.length ?? 0) > HOLD_LIMIT;
    if (full) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  /** Should the client send no more: its body is not whole. */
  get cutShort(): boolean {
    return this.body !== undefined && !this.body.done && !this.body.abandoned && this.pending === undefined;
  }

  /** Whether a reply that goes out now may leave the connection open for another request. */
  get sparable(): boolean {
    const { body } = this;
    // Nobody asked for the body it held back: it may send it or not, and what comes next could be either.
    if (this.expectContinue && this.pending === undefined) return false;
    return body === undefined || body.done || body.flowing || this.discardable;
  }

  /** An unread rest that is too long, or of unknown length, is not worth the connection. */
  private get discardable(): boolean {
    return this.body !== undefined && this.body.missing >= 0 && this.body.missing <= DISCARD_LIMIT;
  }

  /** The exchange is over. @returns whether the next request may be read; if not, {@link IntakeHost.bodyDiscarded} follows */
  finish(): boolean {
    const { body } = this;
    if (body === undefined || body.done) {
      this.body = undefined;
      return !this.delivering;
    }
    if (!this.discardable) {
      this.host.bodyDiscarded(false);
      return false;
    }
    this.discarding = true;
    this.discarded = 0;
    body.cancel();
    this.pump();
    return false;
  }

  private checkDiscarded(): void {
    if (this.body?.done) {
      this.body = undefined;
      this.host.bodyDiscarded(true);
    } else if (this.discarded > DISCARD_LIMIT || this.ended) this.host.bodyDiscarded(false);
    else {
      this.host.bodyAwaited(true);
      this.socket.resume();
    }
  }

  /** What is here is for nobody any more. */
  drop(): void {
    this.pending = undefined;
  }

  /** The body is not whole and will not be. */
  fail(error: GatewayError): void {
    this.pending = undefined;
    this.body?.fail(error);
  }
}
