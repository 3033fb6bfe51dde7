import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Timeout, Wheel } from '../lib/wheel.ts';
import { beginsHandshake, readClientHello } from './client-hello.ts';
import type { ProxySource } from './proxy-protocol.ts';
import type { Terminator } from './terminator.ts';

/** What waits for a connection to be secured. Exactly one of these calls follows, once. */
export interface TlsHost {
  /** @returns why it is not wanted: whoever calls closes it then */
  secured(opening: TlsOpening, socket: TLSSocket): string | undefined;
  /** The client does not speak TLS. The socket is the host's, and open. */
  plainText(opening: TlsOpening, bytes: Buffer): void;
  /** The socket is closed. */
  leftUnsecured(opening: TlsOpening): void;
}

/**
 * A connection until its TLS handshake is done. It costs next to nothing before the client has said whom it wants to
 * speak with, which decides about the certificate.
 */
export class TlsOpening {
  readonly socket: Socket;
  readonly source: ProxySource;
  private readonly host: TlsHost;
  private readonly terminator: Terminator;
  private readonly timeout: Timeout;
  private held: Buffer | undefined;
  private forget: (() => void) | undefined;

  /** @param source who is at the other end */
  constructor(socket: Socket, source: ProxySource, host: TlsHost, terminator: Terminator, wheel: Wheel) {
    this.socket = socket;
    this.source = source;
    this.host = host;
    this.terminator = terminator;
    this.timeout = wheel.timeout(() => this.expired());
    this.timeout.set(terminator.timeout);
    socket.on('data', this.arrived);
    socket.on('end', this.close);
    socket.on('error', this.close);
    socket.on('close', this.close);
  }

  /** Leaves at most this many ms. */
  hurry(ms: number): void {
    if (ms < this.terminator.timeout) this.timeout.set(ms);
  }

  readonly close = (): void => {
    this.leave();
    this.socket.destroy();
    this.host.leftUnsecured(this);
  };

  private expired(): void {
    // A connection on which nothing was said is none that has failed: balancers look whether a port is open so.
    if (this.held !== undefined) this.terminator.timedOut(this.source.address);
    this.close();
  }

  private readonly arrived = (bytes: Buffer): void => {
    const all = this.held === undefined ? bytes : Buffer.concat([this.held, bytes]);
    this.held = all;
    if (!beginsHandshake(all)) {
      this.leave();
      this.socket.pause();
      this.host.plainText(this, all);
      return;
    }
    const hello = readClientHello(all);
    if (hello.kind === 'read') this.begin(all, hello.name);
  };

  private begin(bytes: Buffer, name: string | undefined): void {
    const { socket } = this;
    socket.off('data', this.arrived);
    socket.off('end', this.close);
    socket.pause();
    socket.unshift(bytes);
    // A client that closes its half before the handshake is done has left.
    socket.allowHalfOpen = false;
    this.forget = this.terminator.begin(socket, this.source.address, name, (secured) => {
      this.leave();
      secured.allowHalfOpen = true;
      return this.host.secured(this, secured);
    });
  }

  private leave(): void {
    const { socket } = this;
    this.timeout.remove();
    this.forget?.();
    socket.off('data', this.arrived);
    socket.off('end', this.close);
    socket.off('close', this.close);
    // Whoever has the socket next listens for its errors; the one beneath a TLS socket has nobody else.
    socket.off('error', this.close);
    socket.on('error', () => {});
  }
}
