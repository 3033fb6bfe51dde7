import type { Sink, Source } from '../http/body.ts';
import type { Headers } from '../http/headers.ts';
import { ChunkedDecoder } from './chunked.ts';

/** What a reader asks of the connection it reads from. */
export interface BodyOwner {
  /** The consumer is ready: deliver what is held, then what arrives. */
  bodyWanted(): void;
  /** The consumer wants no more of a body that is not done. */
  bodyAbandoned(): void;
}

const NO_BYTES = Buffer.alloc(0);

/** Framing of a body whose end is the end of the connection. */
export const UNTIL_CLOSE = -1;

/**
 * The body of a message that is being received. Its connection feeds it bytes as they come and learns from it where
 * the body ends; the consumer sees content only.
 */
export class BodyReader implements Source {
  readonly length: number;
  private readonly owner: BodyOwner;
  private readonly decoder: ChunkedDecoder | undefined;
  private remaining: number;
  private sink: Sink | undefined;
  private early: Buffer[] | undefined;
  private trailers: Headers | undefined;
  private paused = false;
  /** All of it has arrived, or it broke off. */
  done = false;
  abandoned = false;
  private failure: Error | undefined;

  /** @param framing 'chunked', a length in bytes, or {@link UNTIL_CLOSE} */
  constructor(owner: BodyOwner, framing: 'chunked' | number) {
    this.owner = owner;
    this.decoder = framing === 'chunked' ? new ChunkedDecoder() : undefined;
    this.remaining = framing === 'chunked' ? UNTIL_CLOSE : framing;
    this.length = this.remaining;
  }

  /** Takes in bytes before anyone reads; the consumer gets them first. @returns as {@link feed} */
  prefeed(buf: Buffer, start: number, end: number): number {
    this.early = [];
    const stop = this.feed(buf, start, end);
    if (this.early.length === 0) this.early = undefined;
    return stop;
  }

  /** The whole body, when all of it came before anyone read and nothing came after it. */
  whole(): Buffer | undefined {
    if (!this.done || this.failure !== undefined || this.trailers !== undefined || this.sink !== undefined) return undefined;
    return this.early === undefined ? NO_BYTES : this.early[0];
  }

  /** Whether bytes can be fed now; otherwise the connection keeps them and stops reading. */
  get flowing(): boolean {
    return this.sink !== undefined && !this.paused && !this.abandoned;
  }

  /** The consumer is done with what it got last: see {@link Sink.released}. */
  get released(): boolean {
    return this.sink?.released === true;
  }

  get piped(): boolean {
    return this.sink !== undefined;
  }

  /** Bytes that are still to come, −1 when that is unknown. */
  get missing(): number {
    return this.done ? 0 : this.remaining;
  }

  pipe(sink: Sink): void {
    if (this.sink !== undefined) throw new Error('a body can be read once');
    this.sink = sink;
    const { early } = this;
    this.early = undefined;
    if (early !== undefined) for (const bytes of early) this.deliver(bytes);
    if (this.abandoned) return;
    if (this.failure !== undefined) sink.fail(this.failure);
    else if (this.done) sink.end(this.trailers);
    else if (!this.paused) this.owner.bodyWanted();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    if (!this.abandoned && !this.done) this.owner.bodyWanted();
  }

  cancel(): void {
    if (this.abandoned) return;
    this.abandoned = true;
    if (!this.done) this.owner.bodyAbandoned();
  }

  /**
   * @param buf the reader and its sink own it from now on
   * @returns where the body's bytes end in it, or −2 when the framing is broken: {@link problem} says how
   */
  feed(buf: Buffer, start: number, end: number): number {
    return this.decoder === undefined ? this.feedPlain(buf, start, end) : this.feedChunked(this.decoder, buf, start, end);
  }

  private feedPlain(buf: Buffer, start: number, end: number): number {
    const stop = this.remaining === UNTIL_CLOSE || end - start <= this.remaining ? end : start + this.remaining;
    if (this.remaining !== UNTIL_CLOSE) {
      this.remaining -= stop - start;
      this.done = this.remaining === 0;
    }
    if (stop > start) this.deliver(start === 0 && stop === buf.length ? buf : buf.subarray(start, stop));
    if (this.done && !this.abandoned) this.sink?.end();
    return stop;
  }

  private feedChunked(decoder: ChunkedDecoder, buf: Buffer, start: number, end: number): number {
    const stop = decoder.decode(buf, start, end);
    if (stop < 0) return stop;
    this.done = decoder.done;
    if (decoder.dataEnd > decoder.dataStart) this.deliver(buf.subarray(decoder.dataStart, decoder.dataEnd));
    this.trailers = decoder.trailers;
    if (this.done && !this.abandoned) this.sink?.end(decoder.trailers);
    return stop;
  }

  private deliver(bytes: Buffer): void {
    if (this.abandoned) return;
    if (this.sink === undefined) this.early?.push(bytes);
    else if (!this.sink.chunk(bytes)) this.paused = true;
  }

  get problem(): string {
    return this.decoder?.problem ?? '';
  }

  /** The connection ended. Whole only for a body that ends so. */
  finish(error: Error): void {
    if (this.done) return;
    this.done = true;
    if (this.abandoned) return;
    if (this.remaining === UNTIL_CLOSE && this.decoder === undefined) this.sink?.end();
    else this.break(error);
  }

  /** The body is not whole and will not be. */
  fail(error: Error): void {
    if (this.done) return;
    this.done = true;
    if (!this.abandoned) this.break(error);
  }

  private break(error: Error): void {
    this.failure = error;
    this.sink?.fail(error);
  }
}
