import type { Socket } from 'node:net';
import { BodyWriter, type WriterOwner } from './body-writer.ts';
import type { ChannelRequest } from './channel-ports.ts';

/** The channel, as its sending side sees it. */
export interface SendingHost {
  /** All of the request is with the kernel, or will be. */
  requestSent(): void;
  /** The request cannot be completed: the upstream must not take a part for the whole. */
  requestBroken(error: Error): void;
  /** The upstream takes no more for now, or takes it again. */
  requestBlocked(blocked: boolean): void;
}

/** Writes the requests of one channel, one after the other, and after a 101 the client's bytes. */
export class RequestSending implements WriterOwner {
  private readonly host: SendingHost;
  private request: ChannelRequest | undefined;
  private writer: BodyWriter | undefined;

  constructor(host: SendingHost) {
    this.host = host;
  }

  /** All of the last request has been sent. */
  get done(): boolean {
    return this.request === undefined;
  }

  start(request: ChannelRequest, socket: Socket): void {
    const { head, body, upgrade } = request;
    if (body.length === 0) {
      socket.write(head + (upgrade === undefined ? '\r\n' : `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`), 'latin1');
      this.host.requestSent();
      return;
    }
    this.request = request;
    const tail = body.length < 0 ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n';
    const writer = new BodyWriter(socket, this, head + tail, body.length < 0 ? 'chunked' : body.length);
    this.writer = writer;
    writer.onDrain = () => body.resume();
    body.pipe(writer);
    writer.flush();
  }

  /** The writer of what is no request any more. */
  tunnel(socket: Socket): BodyWriter {
    this.writer = new BodyWriter(socket, this, '', 'close');
    return this.writer;
  }

  drained(): void {
    // Also when all of it was handed over at once: nothing else says that the upstream has taken it.
    this.host.requestBlocked(false);
    this.writer?.onDrain?.();
  }

  /** Nothing more is sent. The rest of a body is for nobody, unless it is to be sent once more elsewhere. */
  abandon(keepBody: boolean): void {
    const { request } = this;
    this.writer?.abandon();
    this.writer = this.request = undefined;
    if (!keepBody) request?.body.cancel();
  }

  bodyWritten(): void {
    this.writer = this.request = undefined;
    this.host.requestSent();
  }

  bodyBroken(error: Error): void {
    this.host.requestBroken(error);
  }

  bodyBlocked(): void {
    this.host.requestBlocked(true);
  }
}
