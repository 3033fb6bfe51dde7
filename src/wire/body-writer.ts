import type { Socket } from 'node:net';
import { type Sink, SMALL_BODY } from '../http/body.ts';
import type { Headers } from '../http/headers.ts';

/** Bytes the kernel has not taken; beyond them a source is asked to wait. */
export const HIGH_WATER = 64 * 1024;
const CRLF = Buffer.from('\r\n');

/** How the body that is written ends: by chunks, by this many bytes, or with the connection. */
export type Framing = 'chunked' | 'close' | number;

/** What a writer tells the connection it writes to. */
export interface WriterOwner {
  /** All of the body has been handed to the socket. */
  bodyWritten(): void;
  /** The body broke off, or is not what its head announced: the message cannot be completed. */
  bodyBroken(error: Error): void;
  /** The socket takes no more for now; {@link BodyWriter.drained} is to be called when it does again. */
  bodyBlocked(): void;
}

/**
 * Writes one message: the head, then the body as it comes. Holds the head back until the first piece of the body, so
 * that both leave in one write; {@link flush} sends a head whose body is not there yet.
 */
export class BodyWriter implements Sink {
  private readonly socket: Socket;
  private readonly owner: WriterOwner;
  private readonly framing: Framing;
  private head: string;
  private remaining: number;
  private finished = false;
  /** The kernel has taken all of it. */
  get released(): boolean {
    return this.socket.writableLength === 0;
  }

  /** Called when the socket can take more after a `chunk` that returned false. */
  onDrain: (() => void) | undefined;

  constructor(socket: Socket, owner: WriterOwner, head: string, framing: Framing) {
    this.socket = socket;
    this.owner = owner;
    this.head = head;
    this.framing = framing;
    this.remaining = typeof framing === 'number' ? framing : -1;
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.finished || bytes.length === 0) return true;
    if (typeof this.framing === 'number') {
      if (bytes.length > this.remaining) {
        this.break(new Error('a body longer than its announced length'));
        return false;
      }
      this.remaining -= bytes.length;
    }
    const open = bytes.length <= SMALL_BODY ? this.writeSmall(bytes) : this.writeLarge(bytes);
    if (!open) this.owner.bodyBlocked();
    return open;
  }

  private writeSmall(bytes: Uint8Array): boolean {
    const text = latin1(bytes);
    const out = this.framing === 'chunked' ? `${this.head}${bytes.length.toString(16)}\r\n${text}\r\n` : this.head + text;
    this.head = '';
    this.socket.write(out, 'latin1');
    return this.open;
  }

  private writeLarge(bytes: Uint8Array): boolean {
    const chunked = this.framing === 'chunked';
    const before = chunked ? `${this.head}${bytes.length.toString(16)}\r\n` : this.head;
    this.head = '';
    if (before === '') {
      this.socket.write(bytes);
      return this.open;
    }
    this.socket.cork();
    this.socket.write(before, 'latin1');
    this.socket.write(bytes);
    if (chunked) this.socket.write(CRLF);
    this.socket.uncork();
    return this.open;
  }

  /** `write` answers before it has tried: it says no to any piece as large as its mark, taken or not. */
  private get open(): boolean {
    return this.socket.writableLength <= HIGH_WATER;
  }

  /** Sends the head if nothing has taken it along yet. */
  flush(): void {
    if (this.head === '' || this.finished) return;
    const head = this.head;
    this.head = '';
    this.socket.write(head, 'latin1');
  }

  end(trailers?: Headers): void {
    if (this.finished) return;
    if (this.remaining > 0) {
      this.break(new Error('a body shorter than its announced length'));
      return;
    }
    this.finished = true;
    const tail = this.framing === 'chunked' ? `${this.head}0\r\n${trailers?.lines() ?? ''}\r\n` : this.head;
    this.head = '';
    if (tail !== '') this.socket.write(tail, 'latin1');
    this.owner.bodyWritten();
  }

  fail(error: Error): void {
    if (!this.finished) this.break(error);
  }

  /** Nothing more is written, whatever comes. */
  abandon(): void {
    this.finished = true;
  }

  private break(error: Error): void {
    this.finished = true;
    this.owner.bodyBroken(error);
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
