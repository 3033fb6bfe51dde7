import type { Socket } from 'node:net';

/** A socket that only remembers what was written: for what needs no network. */
export class FakeSocket {
  readonly writes: string[] = [];
  /** What the kernel has not taken, as the test says it. */
  writableLength = 0;
  corked = 0;
  paused = false;

  write(data: string | Uint8Array, encoding: BufferEncoding = 'utf8'): boolean {
    const text = typeof data === 'string' ? Buffer.from(data, encoding).toString('latin1') : Buffer.from(data).toString('latin1');
    if (this.corked > 0) this.writes[this.writes.length - 1] += text;
    else this.writes.push(text);
    return this.writableLength === 0;
  }

  /** What is written until {@link uncork} counts as one write. */
  cork(): void {
    if (this.corked === 0) this.writes.push('');
    this.corked += 1;
  }

  uncork(): void {
    this.corked -= 1;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  isPaused(): boolean {
    return this.paused;
  }

  get text(): string {
    return this.writes.join('');
  }

  /** For whoever wants a real one. */
  get socket(): Socket {
    return this as unknown as Socket;
  }
}
