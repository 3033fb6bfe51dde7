import type { Socket } from 'node:net';
import type { Sink, Tunnel } from '../http/body.ts';

/**
 * After a 101: the client's bytes go to the upstream and the upstream's to the client, with backpressure both ways.
 * Either end may close its half; the tunnel is over when both have, or when one breaks.
 */
export class ServerTunnel implements Sink {
  private readonly socket: Socket;
  private readonly tunnel: Tunnel;
  private readonly over: (error: Error | undefined) => void;
  private clientEnded = false;
  private upstreamEnded = false;

  constructor(socket: Socket, tunnel: Tunnel, over: (error: Error | undefined) => void) {
    this.socket = socket;
    this.tunnel = tunnel;
    this.over = over;
  }

  /** @param early bytes the client sent behind its request */
  start(early: Buffer | undefined): void {
    this.tunnel.toUpstream.onDrain = () => this.socket.resume();
    this.socket.resume();
    if (early !== undefined) this.fromClient(early);
    this.tunnel.fromUpstream.pipe(this);
  }

  fromClient(bytes: Buffer): void {
    if (!this.tunnel.toUpstream.chunk(bytes)) this.socket.pause();
  }

  clientEnd(): void {
    this.clientEnded = true;
    this.tunnel.toUpstream.end();
    if (this.upstreamEnded) this.over(undefined);
  }

  clientDrained(): void {
    this.tunnel.fromUpstream.resume();
  }

  clientGone(error: Error): void {
    this.tunnel.fromUpstream.cancel();
    if (!this.clientEnded) this.tunnel.toUpstream.fail(error);
  }

  chunk(bytes: Uint8Array): boolean {
    return this.socket.write(bytes);
  }

  end(): void {
    this.upstreamEnded = true;
    this.socket.end();
    if (this.clientEnded) this.over(undefined);
  }

  fail(error: Error): void {
    this.over(error);
  }
}
