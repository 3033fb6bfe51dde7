import type { Socket } from 'node:net';
import { isSource, type Reply } from '../http/reply.ts';
import { BodyWriter, type WriterOwner } from './body-writer.ts';
import type { ReplyHead } from './write-head.ts';

/**
 * Hands a reply to the socket. One that is whole leaves in one write and is done when this returns; for a stream the
 * writer that goes on with it is returned.
 */
export function sendReply(socket: Socket, reply: Reply, head: ReplyHead, owner: WriterOwner): BodyWriter | undefined {
  const { body } = reply;
  if (isSource(body)) {
    if (head.bodiless) {
      body.cancel();
      socket.write(head.text, 'latin1');
      return undefined;
    }
    return new BodyWriter(socket, owner, head.text, head.framing);
  }
  if (head.bodiless || body === undefined) socket.write(head.text, 'latin1');
  else if (typeof body === 'string') socket.write(head.text + body, 'latin1');
  else {
    socket.cork();
    socket.write(head.text, 'latin1');
    socket.write(body as Uint8Array);
    socket.uncork();
  }
  return undefined;
}
