import { createServer, type Server, type Socket } from 'node:net';
import { sendPieces } from './pieces.ts';

/** Answers `/n` of any method with the nth reply, piece by piece, and then closes. */
export class ReplyOrigin {
  private readonly server: Server;
  private readonly replies = new Map<string, readonly Uint8Array[]>();
  private count = 0;

  constructor() {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket));
  }

  /** @returns the path that is answered so */
  add(pieces: readonly Uint8Array[]): string {
    const path = `/${++this.count}`;
    this.replies.set(path, pieces);
    return path;
  }

  forget(path: string): void {
    this.replies.delete(path);
  }

  private accept(socket: Socket): void {
    let text = '';
    const onData = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      socket.off('data', onData).resume();
      void sendPieces(socket, this.replies.get(text.split(' ')[1] ?? '') ?? []);
    };
    socket.on('data', onData);
    socket.on('error', () => {});
  }

  listen(): Promise<Server> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server)));
  }
}
