const SIZE = 64 * 1024;
/** A read that fills less than this is copied out, and its buffer used again. */
const COPY_BELOW = 8 * 1024;

/** Buffers that nobody uses at the moment, kept for the next body; more are left to the garbage collector. */
const MAX_FREE = 64;

/**
 * The memory that upstream sockets read into. Between bodies all of them share one buffer: what it holds is read
 * before the next read, so most replies cost no buffer at all. A body that streams gets a buffer of its own, which
 * goes on to its consumer without being copied, and is read into again if the consumer is done with it by then.
 */
export class ReadBuffers {
  readonly shared: Buffer = Buffer.allocUnsafeSlow(SIZE);
  private readonly spare: Buffer[] = [];

  /** A buffer that belongs to whoever asked. */
  own(): Buffer {
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(SIZE);
  }

  /** Takes back one that nobody refers to. */
  give(buffer: Buffer): void {
    if (this.spare.length < MAX_FREE) this.spare.push(buffer);
  }
}

/** The buffer one socket reads into next. */
export class ReadBuffer {
  private readonly buffers: ReadBuffers;
  current: Buffer;
  private taken: Buffer | undefined;
  private streaming = false;

  constructor(buffers: ReadBuffers) {
    this.buffers = buffers;
    this.current = buffers.shared;
  }

  /** For the `onread.buffer` of a socket: asked once before the first read and after each read. */
  next(): Buffer {
    const { shared } = this.buffers;
    this.taken = undefined;
    if (this.streaming) {
      if (this.current === shared) this.current = this.buffers.own();
    } else if (this.current !== shared) {
      this.buffers.give(this.current);
      this.current = shared;
    }
    return this.current;
  }

  /** Whether reads from now on are parts of a body that is passed on. */
  stream(on: boolean): void {
    this.streaming = on;
  }

  /** What the last read left: bytes that no later read will touch, unless they are reclaimed. */
  take(length: number): Buffer {
    const bytes = this.current.subarray(0, length);
    if (this.current === this.buffers.shared || length < COPY_BELOW) return Buffer.from(bytes);
    this.taken = this.current;
    this.current = this.buffers.shared;
    return bytes;
  }

  /** Whoever got the last bytes is done with them: the next read may use their memory. */
  reclaim(): void {
    if (this.taken !== undefined) this.current = this.taken;
  }
}
