import type { Headers } from './headers.ts';

/** Bodies of at most this many bytes that are here as a whole travel as text: see `http/reply.ts`. */
export const SMALL_BODY = 16 * 1024;

/** Where the bytes of a body go. Calls come in order: any number of `chunk`, then one of `end` and `fail`. */
export interface Sink {
  /**
   * Takes bytes. They belong to the sink from now on: a source never writes to them again.
   * @returns false when the source should wait until {@link Source.resume}; it may still deliver what it holds already
   */
  chunk(bytes: Uint8Array): boolean;
  /** True: the sink is done with the bytes of the last `chunk` already, so that their memory may be used again. */
  readonly released?: boolean;
  end(trailers?: Headers): void;
  /** The body broke off: what came so far is not the whole. */
  fail(error: Error): void;
}

/** Where the bytes of a body come from. One consumer, one pass. */
export interface Source {
  /** Bytes of the whole body; −1 when it is not known beforehand. */
  readonly length: number;
  /** Starts the flow. At most once; may call the sink before it returns. */
  pipe(sink: Sink): void;
  /** Continues after a `chunk` that returned false. */
  resume(): void;
  /** The consumer wants no more: the sink hears nothing further. Safe at any time and more than once. */
  cancel(): void;
}

/** The body of a message that has none. */
export const EMPTY: Source = Object.freeze({
  length: 0,
  pipe: (sink: Sink) => sink.end(),
  resume: () => {},
  cancel: () => {},
});

/** Two byte streams that took the place of HTTP on a connection (RFC 9110 §7.8). */
export interface Tunnel {
  /** What the upstream sends. */
  readonly fromUpstream: Source;
  /** Takes what the client sends. `onDrain` is called when it can take more after a `chunk` that returned false. */
  readonly toUpstream: Sink & { onDrain: (() => void) | undefined };
}
