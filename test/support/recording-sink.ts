import type { Sink } from '../../src/http/body.ts';
import type { Headers } from '../../src/http/headers.ts';
import { Changes } from './signals.ts';

/** Takes a body and remembers what it was told, in order. */
export class RecordingSink implements Sink {
  private readonly parts: Buffer[] = [];
  /** How the body came to its end: 'end', or the error's message. More than one entry is a broken promise. */
  readonly ends: string[] = [];
  trailers: Headers | undefined;
  error: Error | undefined;
  /** What `chunk` answers: false asks the source to wait. */
  open = true;
  /** Called inside `chunk`, before it answers. */
  onChunk: (() => void) | undefined;
  private readonly changes = new Changes();

  chunk(bytes: Uint8Array): boolean {
    if (this.ends.length > 0) this.ends.push('bytes after the end');
    this.parts.push(Buffer.from(bytes));
    this.onChunk?.();
    this.changes.changed();
    return this.open;
  }

  end(trailers?: Headers): void {
    this.trailers = trailers;
    this.ends.push('end');
    this.changes.changed();
  }

  fail(error: Error): void {
    this.error = error;
    this.ends.push(error.message);
    this.changes.changed();
  }

  get text(): string {
    return Buffer.concat(this.parts).toString('latin1');
  }

  get chunks(): string[] {
    return this.parts.map((part) => part.toString('latin1'));
  }

  get size(): number {
    return this.parts.reduce((size, part) => size + part.length, 0);
  }

  /** Waits until something holds, at most 5 s. */
  async until(holds: () => boolean): Promise<void> {
    if (!(await this.changes.until(holds, 5000))) throw new Error(`got ${this.size} bytes and ${this.ends}`);
  }

  ended(): Promise<void> {
    return this.until(() => this.ends.length > 0);
  }
}
