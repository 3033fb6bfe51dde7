import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Timeout, Wheel } from '../lib/wheel.ts';

/** How long a connection whose last reply is out is read on after each piece that still comes, and in all; in ms. */
const MOMENT = 2000;
const LONGEST = 30_000;

/**
 * Closes a client's socket at once.
 * @param half the client has a part of a reply, which must not look whole: it gets a reset. Not while our FIN is on
 * its way: all of the reply is out then, libuv refuses to reset, and the socket would stay open for ever. Nor with TLS,
 * whose sockets node cannot reset: there a close without close_notify tells (RFC 8446 §6.1).
 */
export function cutOff(socket: Socket, half: boolean): void {
  const finishing = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  if (socket.destroyed) return;
  if (half && !finishing && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  else socket.destroy();
}

/**
 * The end of a connection that its client has not asked for: our side is closed, and what still comes is read and
 * thrown away for a while. Closing with unread bytes would send a reset, which may take the last reply away from a
 * client that has not read it yet (RFC 9112 §9.6).
 */
export class Lingering {
  private readonly socket: Socket;
  private readonly timeout: Timeout;
  private readonly wheel: Wheel;
  private until = 0;

  constructor(socket: Socket, timeout: Timeout, wheel: Wheel) {
    this.socket = socket;
    this.timeout = timeout;
    this.wheel = wheel;
  }

  /** @param patience how long the client may take to take the rest of the reply, in ms */
  start(patience: number): void {
    this.until = this.wheel.clock.now() + LONGEST;
    this.timeout.set(patience);
    this.socket.end(() => this.arrived());
    this.socket.resume();
  }

  /** A client that still sends has not read its reply yet: it gets another moment. */
  arrived(): void {
    if (this.until === 0 || !this.socket.writableFinished || this.socket.destroyed) return;
    this.timeout.set(Math.max(1, Math.min(MOMENT, this.until - this.wheel.clock.now())));
  }

  /** @returns whether closing loses nothing: the kernel delivers what it has, a reset would take it back */
  get delivered(): boolean {
    return this.socket.writableFinished;
  }
}
