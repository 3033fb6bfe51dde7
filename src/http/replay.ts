import type { Sink, Source } from './body.ts';
import type { Headers } from './headers.ts';

/** Bytes of a request body that are kept while it may have to be sent again. */
export const REPLAY_LIMIT = 64 * 1024;

/**
 * A body that can be read again from its start, as long as what has passed is no more than a limit. What one
 * consumer took before it failed, the next one gets from memory; the rest comes from the source as before.
 */
export class Replay implements Source {
  readonly length: number;
  private readonly source: Source;
  private readonly limit: number;
  private kept: Uint8Array[] | undefined = [];
  private size = 0;
  private sink: Sink | undefined;
  private started = false;
  private ended: { trailers: Headers | undefined } | undefined;
  private failure: Error | undefined;
  private blocked = false;
  private pass: Pass | undefined;

  constructor(source: Source, limit: number) {
    this.source = source;
    this.length = source.length;
    this.limit = limit;
  }

  /**
   * Takes the body back from its consumer, and gives it to the next: what the one before still does with it counts no
   * more. @returns undefined when its beginning is no longer known: then who has it keeps it
   */
  again(): Source | undefined {
    if (!this.known) return undefined;
    this.rewind();
    this.pass = new Pass(this);
    return this.pass;
  }

  /** Whether its beginning is known, so that it can be sent once more. */
  get known(): boolean {
    return this.kept !== undefined && this.failure === undefined;
  }

  isFor(pass: Pass): boolean {
    return this.pass === pass;
  }

  /** Takes the body back from its consumer. @returns false when its beginning is no longer known */
  rewind(): boolean {
    this.sink = undefined;
    return this.known;
  }

  /** Nobody will read it again. */
  seal(): void {
    this.kept = undefined;
    if (this.sink === undefined) this.source.cancel();
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    let open = true;
    for (const bytes of this.kept ?? []) {
      open = sink.chunk(bytes) && open;
      if (this.sink !== sink) return;
    }
    this.forget();
    if (this.ended !== undefined) sink.end(this.ended.trailers);
    else if (this.failure !== undefined) sink.fail(this.failure);
    else if (!this.started) {
      this.started = true;
      this.source.pipe({
        chunk: (bytes) => this.take(bytes),
        end: (trailers) => this.finish(trailers),
        fail: (error) => this.fail(error),
      });
    } else if (open) this.resume();
  }

  private take(bytes: Uint8Array): boolean {
    this.size += bytes.length;
    this.kept?.push(bytes);
    // While nobody reads all is kept: after a rewind the next consumer has been promised the beginning.
    if (this.sink !== undefined) this.forget();
    const open = this.sink?.chunk(bytes) ?? false;
    this.blocked = !open;
    return open;
  }

  private forget(): void {
    if (this.size > this.limit) this.kept = undefined;
  }

  private finish(trailers: Headers | undefined): void {
    this.ended = { trailers };
    this.sink?.end(trailers);
  }

  private fail(error: Error): void {
    this.failure = error;
    this.sink?.fail(error);
  }

  resume(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.source.resume();
  }

  /** The consumer is done with it; the source goes on for a consumer that may follow. */
  cancel(): void {
    this.sink = undefined;
    if (this.kept === undefined) this.source.cancel();
  }
}

/** The body for one of several consumers, as long as it is its turn. */
class Pass implements Source {
  readonly length: number;
  private readonly replay: Replay;

  constructor(replay: Replay) {
    this.replay = replay;
    this.length = replay.length;
  }

  pipe(sink: Sink): void {
    if (this.replay.isFor(this)) this.replay.pipe(sink);
  }

  resume(): void {
    if (this.replay.isFor(this)) this.replay.resume();
  }

  cancel(): void {
    if (this.replay.isFor(this)) this.replay.cancel();
  }
}
