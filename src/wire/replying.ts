import type { Socket } from 'node:net';
import type { Source } from '../http/body.ts';
import { GatewayError } from '../http/errors.ts';
import type { Headers } from '../http/headers.ts';
import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import { BodyWriter, type WriterOwner } from './body-writer.ts';
import type { ReplyTerms } from './reply-terms.ts';
import { ServerTunnel } from './server-tunnel.ts';
import { statusLine } from './status.ts';
import { type ReplyHead, replyHead } from './write-head.ts';

/** The connection, as its reply side sees it. */
export interface ReplyHost {
  readonly socket: Socket;
  /** The reply is complete. */
  replyDone(): void;
  /** The reply cannot be completed. */
  replyBroken(error: GatewayError): void;
  /** The client takes no more for now. */
  replyBlocked(): void;
  /** HTTP is over on this connection. @returns what the client sent behind its request */
  tunnelOpened(): Buffer | undefined;
}

/** Writes the replies of one connection, one after the other. */
export class Replying implements WriterOwner {
  private readonly host: ReplyHost;
  private writer: BodyWriter | undefined;
  private source: Source | undefined;
  /** What took the place of replies after a 101. */
  tunnel: ServerTunnel | undefined;

  constructor(host: ReplyHost) {
    this.host = host;
  }

  /**
   * Sends a reply; it may be done when this returns. One that is whole leaves in one write. `terms.persistent` is
   * what the reply leaves of it, before {@link ReplyHost.replyDone} is called.
   */
  send(reply: Reply, terms: ReplyTerms): void {
    const head = replyHead(reply, terms);
    terms.persistent = head.persistent;
    const { body } = reply;
    if (isTunnel(body)) {
      const { socket } = this.host;
      socket.write(head.text, 'latin1');
      this.tunnel = new ServerTunnel(socket, body, (error) =>
        error === undefined ? this.host.replyDone() : this.host.replyBroken(asReset(error)),
      );
      this.tunnel.start(this.host.tunnelOpened());
    } else if (isSource(body) && !head.bodiless) this.stream(body, head);
    else this.whole(reply, head);
  }

  /** Interim replies go out at once. They have no content and announce none (RFC 9110 §8.6). */
  interim(status: number, headers: Headers | undefined): void {
    headers?.remove('content-length');
    this.host.socket.write(`${statusLine(status)}${headers?.lines() ?? ''}\r\n`, 'latin1');
  }

  private whole(reply: Reply, head: ReplyHead): void {
    const { socket } = this.host;
    const { body } = reply;
    if (isSource(body)) body.cancel();
    if (head.bodiless || body === undefined) socket.write(head.text, 'latin1');
    else if (typeof body === 'string') socket.write(head.text + body, 'latin1');
    else {
      socket.cork();
      socket.write(head.text, 'latin1');
      socket.write(body as Uint8Array);
      socket.uncork();
    }
    this.host.replyDone();
  }

  private stream(source: Source, head: ReplyHead): void {
    const writer = new BodyWriter(this.host.socket, this, head.text, head.framing);
    this.writer = writer;
    this.source = source;
    writer.onDrain = () => source.resume();
    source.pipe(writer);
    writer.flush();
  }

  /** The client takes bytes again. */
  drained(): void {
    if (this.tunnel !== undefined) this.tunnel.clientDrained();
    else this.writer?.onDrain?.();
  }

  /** The client is gone: nothing more is written, and nobody needs to send. */
  abandon(): void {
    const { source } = this;
    this.writer?.abandon();
    this.writer = this.source = undefined;
    source?.cancel();
    this.tunnel?.clientGone(new GatewayError('client_gone'));
  }

  bodyWritten(): void {
    this.writer = this.source = undefined;
    this.host.replyDone();
  }

  bodyBroken(error: Error): void {
    this.host.replyBroken(error instanceof GatewayError ? error : new GatewayError('upstream_invalid_reply', undefined, error));
  }

  bodyBlocked(): void {
    this.host.replyBlocked();
  }
}

function asReset(error: Error): GatewayError {
  return error instanceof GatewayError ? error : new GatewayError('upstream_reset', undefined, error);
}
