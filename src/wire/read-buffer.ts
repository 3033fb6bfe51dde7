const SIZE = 64 * 1024;
/** A read that fills less than this is copied out, and its buffer used again. */
const COPY_BELOW = 8 * 1024;

/**
 * The memory that upstream sockets read into. Between bodies all of them share one buffer: what it holds is read
 * before the next read, so most replies cost no buffer at all. A body that streams gets buffers of its own, which go
 * on to its consumer without being copied.
 */
export class ReadBuffers {
  readonly shared: Buffer = Buffer.allocUnsafeSlow(SIZE);

  /** A buffer that belongs to whoever asked. */
  own(): Buffer {
    return Buffer.allocUnsafeSlow(SIZE);
  }
}

/** The buffer one socket reads into next. */
export class ReadBuffer {
  private readonly buffers: ReadBuffers;
  current: Buffer;
  private streaming = false;

  constructor(buffers: ReadBuffers) {
    this.buffers = buffers;
    this.current = buffers.shared;
  }

  /** For the `onread.buffer` of a socket: asked once before the first read and after each read. */
  next(): Buffer {
    if (!this.streaming) this.current = this.buffers.shared;
    else if (this.current === this.buffers.shared) this.current = this.buffers.own();
    return this.current;
  }

  /** Whether reads from now on are parts of a body that is passed on. */
  stream(on: boolean): void {
    this.streaming = on;
  }

  /** What the last read left: bytes that no later read will touch. */
  take(length: number): Buffer {
    if (this.current === this.buffers.shared || length < COPY_BELOW) return Buffer.from(this.current.subarray(0, length));
    const taken = this.current.subarray(0, length);
    this.current = this.buffers.shared;
    return taken;
  }
}
