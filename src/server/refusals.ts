import type { Socket } from 'node:net';
import type { Reply } from '../http/reply.ts';
import type { HttpDate } from '../lib/clock.ts';
import type { Wheel } from '../lib/wheel.ts';
import { Lingering } from '../wire/lingering.ts';
import { ReplyTerms } from '../wire/reply-terms.ts';
import { replyHead } from '../wire/write-head.ts';

/** Connections that are being told so at a time, beyond those that are served. Further ones are just closed. */
const MOST = 128;
/** How long a client may take to take the reply, in ms. */
const PATIENCE = 2000;

/** Tells connections for which there is no room that it is so, whatever they send. */
export class Refusals {
  private readonly wheel: Wheel;
  private readonly date: HttpDate;
  private readonly sockets = new Set<Socket>();

  constructor(wheel: Wheel, date: HttpDate) {
    this.wheel = wheel;
    this.date = date;
  }

  /** @param reply with a body that is whole */
  refuse(socket: Socket, reply: () => Reply): void {
    // A socket without a listener for its errors ends the process.
    socket.on('error', () => socket.destroy());
    if (this.sockets.size >= MOST) {
      socket.destroy();
      return;
    }
    this.sockets.add(socket);
    const timeout = this.wheel.timeout(() => socket.destroy());
    const lingering = new Lingering(socket, timeout, this.wheel);
    socket.on('data', () => lingering.arrived());
    socket.on('close', () => {
      timeout.remove();
      this.sockets.delete(socket);
    });
    this.write(socket, reply());
    lingering.start(PATIENCE);
  }

  private write(socket: Socket, reply: Reply): void {
    const terms = new ReplyTerms(this.date);
    terms.last();
    socket.write(replyHead(reply, terms).text, 'latin1');
    if (typeof reply.body === 'string') socket.write(reply.body, 'latin1');
    else if (reply.body instanceof Uint8Array) socket.write(reply.body);
  }

  close(): void {
    for (const socket of [...this.sockets]) socket.destroy();
  }
}
