import type { Socket } from 'node:net';
import { Changes } from './signals.ts';

/** One end of a connection in a test's hand: what came so far, and a way to wait for what is to come. */
export class RawPeer {
  readonly socket: Socket;
  /** How the other side left, if it did. */
  left: 'open' | 'ended' | 'reset' = 'open';
  /** Neither side holds it any more. */
  closed = false;
  size = 0;
  private readonly parts: Buffer[] = [];
  private readonly changes = new Changes();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      this.parts.push(bytes);
      this.size += bytes.length;
      this.changes.changed();
    });
    socket.on('end', () => this.leave('ended'));
    socket.on('error', () => this.leave('reset'));
    socket.on('close', () => {
      this.closed = true;
      this.leave('ended');
      this.changes.changed();
    });
  }

  private leave(how: 'ended' | 'reset'): void {
    if (this.left !== 'open') return;
    this.left = how;
    this.changes.changed();
  }

  get text(): string {
    return Buffer.concat(this.parts).toString('latin1');
  }

  /** The end of what came: cheap, however much that is. */
  get tail(): string {
    return Buffer.concat(this.parts.slice(-8)).toString('latin1').slice(-64);
  }

  send(...texts: string[]): void {
    for (const text of texts) this.socket.write(text, 'latin1');
  }

  /** Writes, and resolves when the kernel has all of it. */
  sent(text: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(text, 'latin1', () => resolve()));
  }

  /** Waits, at most 20 s, until this has come or holds. */
  async until(what: string | RegExp | (() => boolean)): Promise<void> {
    const holds =
      typeof what === 'function' ? what : () => (typeof what === 'string' ? this.text.includes(what) : what.test(this.text));
    if (await this.changes.until(holds, 20_000)) return;
    throw new Error(`waited in vain for ${what}: ${this.left}, ${this.size} bytes: ${this.text.slice(-300)}`);
  }

  /** Waits until what came ends so. */
  endsWith(text: string): Promise<void> {
    return this.until(() => this.tail.endsWith(text));
  }

  gone(): Promise<void> {
    return this.until(() => this.left !== 'open');
  }
}
