import type { Socket } from 'node:net';
import type { Timeout, Wheel } from '../lib/wheel.ts';
import { type ProxySource, readProxyHeader } from './proxy-protocol.ts';

/** What waits for a connection to say who opened it. Exactly one of these calls follows, once. */
export interface OpeningHost {
  /** The socket is the host's: paused, with what came behind the header in front of it. */
  opened(opening: ProxyOpening, source: ProxySource | undefined): void;
  /** The socket is closed. @param why undefined when the other end left without a word, as health checks do */
  closed(opening: ProxyOpening, why: string | undefined): void;
}

/** A connection from a balancer, until its PROXY header is here. */
export class ProxyOpening {
  readonly socket: Socket;
  /** Whether TLS is spoken behind the header. */
  readonly secure: boolean;
  private readonly host: OpeningHost;
  private readonly timeout: Timeout;
  private held: Buffer | undefined;
  /** What came is no header. */
  unreadable = false;

  /** @param ms how long the header may take */
  constructor(socket: Socket, secure: boolean, host: OpeningHost, wheel: Wheel, ms: number) {
    this.socket = socket;
    this.secure = secure;
    this.host = host;
    this.timeout = wheel.timeout(() => this.close('no PROXY protocol header in time'));
    this.timeout.set(ms);
    socket.on('data', this.arrived);
    socket.on('end', this.ended);
    socket.on('error', this.ended);
    socket.on('close', this.ended);
  }

  close(why?: string): void {
    this.leave();
    this.socket.destroy();
    this.host.closed(this, why);
  }

  private readonly ended = (): void => this.close(this.held === undefined ? undefined : 'half a PROXY protocol header');

  private readonly arrived = (bytes: Buffer): void => {
    const all = this.held === undefined ? bytes : Buffer.concat([this.held, bytes]);
    this.held = all;
    const reading = readProxyHeader(all);
    if (reading.kind === 'wrong') {
      this.unreadable = true;
      this.close(reading.why);
    }
    if (reading.kind !== 'header') return;
    this.leave();
    this.socket.pause();
    if (reading.length < all.length) this.socket.unshift(all.subarray(reading.length));
    this.host.opened(this, reading.source);
  };

  private leave(): void {
    const { socket } = this;
    this.timeout.remove();
    socket.off('data', this.arrived);
    socket.off('end', this.ended);
    socket.off('error', this.ended);
    socket.off('close', this.ended);
  }
}
