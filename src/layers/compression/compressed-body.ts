import type { Sink, Source } from '../../http/body.ts';
import type { Headers } from '../../http/headers.ts';
import type { Encoder } from './encoders.ts';

/** How much goes in and comes out, for metrics. */
export interface Flow {
  into(bytes: number): void;
  out(bytes: number): void;
}

/**
 * A body, compressed on its way. Backpressure goes through: a sink that wants no more stops the encoder, and an encoder that is
 * full stops the source. A body that breaks off breaks off here too, without the end that would make it look whole. What holds
 * the encoder's memory is given back when the body is done, broken or cancelled.
 */
export class CompressedBody implements Source, Sink {
  readonly length = -1;
  private readonly source: Source;
  private readonly encoder: Encoder;
  private readonly flow: Flow;
  /** How to flush; undefined: what has gone in need not come out before the end. */
  private readonly flushing: number | undefined;
  private sink: Sink | undefined;
  private trailers: Headers | undefined;
  private flushDue = false;
  private over = false;

  constructor(source: Source, encoder: Encoder, flushing: number | undefined, flow: Flow) {
    this.source = source;
    this.encoder = encoder;
    this.flushing = flushing;
    this.flow = flow;
    encoder.on('drain', () => this.source.resume());
    encoder.on('error', (error) => this.fail(error));
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    const { encoder } = this;
    encoder.on('data', (bytes: Buffer) => {
      if (this.over) return;
      this.flow.out(bytes.length);
      if (this.sink?.chunk(bytes) === false) encoder.pause();
    });
    encoder.on('end', () => {
      if (this.over) return;
      this.over = true;
      encoder.destroy();
      this.sink?.end(this.trailers);
    });
    this.source.pipe(this);
  }

  resume(): void {
    this.encoder.resume();
  }

  cancel(): void {
    if (this.over) return;
    this.close();
    this.source.cancel();
  }

  private close(): void {
    this.over = true;
    this.sink = undefined;
    this.encoder.destroy();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.over) return false;
    this.flow.into(bytes.length);
    const open = this.encoder.write(bytes);
    if (this.flushing !== undefined && !this.flushDue) this.flushSoon(this.flushing);
    return open;
  }

  /** Once for all that comes in one turn of the event loop: a flush costs some bytes, and most pieces are followed by more. */
  private flushSoon(how: number): void {
    this.flushDue = true;
    setImmediate(() => {
      this.flushDue = false;
      if (!this.over && !this.encoder.writableEnded) this.encoder.flush(how);
    });
  }

  end(trailers?: Headers): void {
    if (this.over) return;
    this.trailers = trailers;
    this.encoder.end();
  }

  fail(error: Error): void {
    if (this.over) return;
    const { sink } = this;
    this.close();
    this.source.cancel();
    sink?.fail(error);
  }
}
