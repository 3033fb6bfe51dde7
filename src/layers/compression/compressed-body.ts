import type { Sink, Source } from '../../http/body.ts';
import type { Headers } from '../../http/headers.ts';
import type { Counter } from '../../lib/cell.ts';
import type { Encoder, Encoding } from './encoders.ts';
import { dropDigests } from './fields.ts';

/** Bytes that are compressed at once, on this thread: cheaper than to open a stream and to ask another thread. */
export const MOST_AT_ONCE = 64 * 1024;
/** Bytes that wait while the encoder works on others; beyond them the source is asked to wait. */
const MOST_WAITING = 64 * 1024;

/** Counts bytes of bodies on both sides. */
export interface Flow {
  readonly into: Counter;
  readonly out: Counter;
}

/**
 * A body, compressed on its way. What is all there within one turn of the event loop, or is known to be small, is compressed
 * at once; for anything else a stream is opened, whose memory is given back when the body is done, broken or cancelled.
 *
 * Backpressure goes through: a sink that wants no more stops the encoder, and an encoder that does not get on stops the source.
 * In between are at most some 250 KB. A body that breaks off breaks off here too, without the end that would make it look whole.
 */
export class CompressedBody implements Source, Sink {
  readonly length = -1;
  private readonly source: Source;
  private readonly encoding: Encoding;
  private readonly flow: Flow;
  /** Nothing may wait for more to come. */
  private readonly prompt: boolean;
  private sink: Sink | undefined;
  private encoder: Encoder | undefined;
  /** What the encoder has not been given yet. */
  private kept: Uint8Array[] = [];
  private size = 0;
  /** The encoder works on what it was given last. */
  private busy = false;
  /** The end of this turn is waited for, and what it brings. */
  private due = false;
  /** The source waits to be told to go on. */
  private stopped = false;
  /** The source has said its last. */
  private ended = false;
  private trailers: Headers | undefined;
  private over = false;

  /** @param prompt what arrives is sent on before anybody waits for more: for bodies that come as things happen */
  constructor(source: Source, encoding: Encoding, prompt: boolean, flow: Flow) {
    this.source = source;
    this.encoding = encoding;
    this.prompt = prompt;
    this.flow = flow;
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    this.source.pipe(this);
  }

  resume(): void {
    this.encoder?.resume();
  }

  cancel(): void {
    this.sink = undefined;
    if (this.over) return;
    this.close();
    this.source.cancel();
  }

  private close(): void {
    this.over = true;
    this.kept = [];
    this.encoder?.destroy();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.over || this.ended) return false;
    if (bytes.length === 0) return true;
    this.flow.into.value += bytes.length;
    this.kept.push(bytes);
    this.size += bytes.length;
    if (this.prompt) this.pumpSoon();
    // A body that is longer anyway need not be kept first.
    else if (this.encoder !== undefined || this.source.length > MOST_AT_ONCE) this.pump();
    if (this.size > MOST_WAITING) this.pump();
    this.stopped = this.size > MOST_WAITING;
    return !this.stopped;
  }

  end(trailers?: Headers): void {
    if (this.over || this.ended) return;
    this.ended = true;
    this.trailers = trailers;
    if (trailers !== undefined) dropDigests(trailers);
    if (this.encoder === undefined) this.atOnce();
    else this.pump();
  }

  fail(error: Error): void {
    if (this.over) return;
    const { sink } = this;
    this.sink = undefined;
    this.close();
    this.source.cancel();
    sink?.fail(error);
  }

  private atOnce(): void {
    const whole = this.encoding.whole(this.take());
    this.close();
    this.flow.out.value += whole.length;
    this.sink?.chunk(whole);
    // Asked again: the sink may have cancelled inside the call.
    this.sink?.end(this.trailers);
  }

  /** All that came in one turn of the event loop goes together: what is sent on by itself costs some bytes more. */
  private pumpSoon(): void {
    if (this.due) return;
    this.due = true;
    setImmediate(() => {
      this.due = false;
      this.guard(() => this.pump());
    });
  }

  /** Gives the encoder what there is, or the end, if it is not at work. */
  private pump(): void {
    if (this.over || this.busy || (this.size === 0 && !this.ended)) return;
    this.encoder ??= this.open();
    if (this.ended) {
      this.busy = true;
      this.encoder.end(this.take());
      return;
    }
    this.busy = true;
    this.encoder.write(this.take(), () => {
      this.busy = false;
      this.guard(() => this.pump());
    });
    if (!this.stopped) return;
    this.stopped = false;
    this.source.resume();
  }

  private take(): Uint8Array {
    const { kept } = this;
    this.kept = [];
    this.size = 0;
    return kept.length === 1 ? (kept[0] as Uint8Array) : Buffer.concat(kept);
  }

  private open(): Encoder {
    const encoder = this.encoding.stream(this.prompt);
    encoder.on('data', (bytes: Buffer) => this.guard(() => this.deliver(bytes)));
    encoder.on('end', () => this.guard(() => this.finish()));
    encoder.on('error', (error) => this.fail(error));
    return encoder;
  }

  private deliver(bytes: Buffer): void {
    if (this.over) return;
    this.flow.out.value += bytes.length;
    if (this.sink?.chunk(bytes) === false) this.encoder?.pause();
  }

  private finish(): void {
    if (this.over) return;
    this.close();
    this.sink?.end(this.trailers);
  }

  /** A fault of either neighbour, or no memory, may cost the one reply; thrown out of an event it would cost the process. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.fail(thrown as Error);
    }
  }
}
