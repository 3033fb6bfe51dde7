import type { BodyReader } from './body-reader.ts';

/** Bytes of further requests, or of a body nobody reads yet, that are kept before reading stops. */
const HOLD_LIMIT = 64 * 1024;

/** What a client has sent and nobody has consumed yet, and the request body that consumes it. */
export class Intake {
  pending: Buffer | undefined;
  body: BodyReader | undefined;
  /** Bytes that went into the body since {@link count} was called. */
  moved = 0;

  hold(bytes: Buffer): void {
    this.pending = this.pending === undefined ? bytes : Buffer.concat([this.pending, bytes]);
  }

  /** Keeps what stands behind `from`. */
  skip(buf: Buffer, from: number): void {
    this.pending = from >= buf.length ? undefined : from === 0 ? buf : buf.subarray(from);
  }

  /**
   * Moves bytes into the body, as far as its consumer takes them.
   * @param discard nobody consumes it any more
   * @returns false when the body's framing is broken
   */
  pump(discard: boolean): boolean {
    const { body } = this;
    while (this.pending !== undefined && body !== undefined && !body.done && (body.flowing || discard)) {
      const buf = this.pending;
      this.pending = undefined;
      const stop = body.feed(buf, 0, buf.length);
      if (stop < 0) return false;
      this.moved += stop;
      if (stop < buf.length) {
        const rest = buf.subarray(stop);
        // What the consumer did may have let more in meanwhile.
        this.pending = this.pending === undefined ? rest : Buffer.concat([rest, this.pending]);
      }
    }
    return true;
  }

  /** Should the client send no more: its body is not whole. */
  get cutShort(): boolean {
    return this.body !== undefined && !this.body.done && !this.body.abandoned && this.pending === undefined;
  }

  /** The body's consumer wants more than is here. */
  get waitsForBytes(): boolean {
    return this.body !== undefined && !this.body.done && this.body.flowing;
  }

  /** Reading should stop for now. */
  get full(): boolean {
    const { body } = this;
    const consumerSlow = body?.piped === true && !body.done && !body.flowing && !body.abandoned;
    return consumerSlow || (this.pending?.length ?? 0) > HOLD_LIMIT;
  }
}
