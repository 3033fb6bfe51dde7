import type { Sink, Source } from './body.ts';
import type { Headers } from './headers.ts';

/** A body without some of the fields behind it: who reads it may put trailers and headers together (RFC 9110 §6.5.1). */
export class TrailersWithout implements Source, Sink {
  private readonly source: Source;
  private readonly names: readonly string[];
  private sink: Sink | undefined;

  /** @param names in lower case */
  constructor(source: Source, names: readonly string[]) {
    this.source = source;
    this.names = names;
    this.sink = undefined;
  }

  get length(): number {
    return this.source.length;
  }

  get released(): boolean {
    return this.sink?.released ?? false;
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    this.source.pipe(this);
  }

  resume(): void {
    this.source.resume();
  }

  cancel(): void {
    this.sink = undefined;
    this.source.cancel();
  }

  chunk(bytes: Uint8Array): boolean {
    return this.sink?.chunk(bytes) ?? false;
  }

  end(trailers?: Headers): void {
    if (trailers !== undefined) for (const name of this.names) trailers.remove(name);
    this.sink?.end(trailers);
  }

  fail(error: Error): void {
    this.sink?.fail(error);
  }
}
