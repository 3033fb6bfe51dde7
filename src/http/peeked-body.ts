import type { Sink, Source } from './body.ts';
import type { Headers } from './headers.ts';

/** What a look at a body gave: all of it, or nothing when it is longer than was asked for; or why it broke off. */
export type Peeked = { readonly whole: Buffer | undefined } | { readonly broken: Error };

/**
 * A body whose beginning somebody wants to see before it goes on. What was seen is kept, and whoever consumes the body
 * afterwards gets all of it, byte for byte and with its trailers: from memory first, then as it comes.
 */
export class PeekedBody implements Source, Sink {
  readonly length: number;
  private readonly source: Source;
  private readonly limit: number;
  private peeked: ((peeked: Peeked) => void) | undefined;
  private kept: Uint8Array[] = [];
  private size = 0;
  private sink: Sink | undefined;
  private ended: { readonly trailers: Headers | undefined } | undefined;
  private failure: Error | undefined;

  /** @param limit bytes that are kept while nobody consumes */
  constructor(source: Source, limit: number) {
    this.source = source;
    this.length = source.length;
    this.limit = limit;
  }

  /** Reads on until the body is whole, too long or broken; calls back once, maybe before this returns. */
  peek(peeked: (peeked: Peeked) => void): void {
    this.peeked = peeked;
    this.source.pipe(this);
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.sink !== undefined) return this.sink.chunk(bytes);
    this.kept.push(bytes);
    this.size += bytes.length;
    if (this.size <= this.limit) return true;
    this.tell({ whole: undefined });
    return false;
  }

  end(trailers?: Headers): void {
    this.ended = { trailers };
    if (this.sink !== undefined) this.sink.end(trailers);
    else this.tell({ whole: this.size > this.limit ? undefined : Buffer.concat(this.kept) });
  }

  fail(error: Error): void {
    this.failure = error;
    if (this.sink !== undefined) this.sink.fail(error);
    else this.tell({ broken: error });
  }

  private tell(peeked: Peeked): void {
    const tell = this.peeked;
    this.peeked = undefined;
    tell?.(peeked);
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    const { kept } = this;
    this.kept = [];
    let open = true;
    for (const bytes of kept) {
      open = sink.chunk(bytes) && open;
      // It had enough, and said so meanwhile.
      if (this.sink !== sink) return;
    }
    if (this.failure !== undefined) sink.fail(this.failure);
    else if (this.ended !== undefined) sink.end(this.ended.trailers);
    else if (open) this.source.resume();
  }

  resume(): void {
    if (this.ended === undefined && this.failure === undefined) this.source.resume();
  }

  cancel(): void {
    this.sink = undefined;
    this.peeked = undefined;
    this.kept = [];
    this.source.cancel();
  }
}
