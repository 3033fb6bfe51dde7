import { isSource, isTunnel, type Reply } from '../http/reply.ts';
import type { Framing } from './body-writer.ts';
import type { ReplyTerms } from './reply-terms.ts';
import { statusLine } from './status.ts';

/** The head of a final reply and how its body is to be framed (RFC 9112 §6). */
export interface ReplyHead {
  text: string;
  framing: Framing;
  /** No body follows, whatever the reply holds. */
  bodiless: boolean;
  persistent: boolean;
}

/** RFC 9110 §6.4.1: replies that never have content, whatever their fields say. */
export function hasNoBody(status: number, head: boolean): boolean {
  return head || status === 204 || status === 304 || status < 200;
}

/**
 * Decides the framing and writes the head. `Content-Length` is made true: it says what the body says, except for
 * replies to HEAD and 304, where it speaks of a body that is not sent.
 */
export function replyHead(reply: Reply, terms: ReplyTerms): ReplyHead {
  const { status, headers, body } = reply;
  const bodiless = hasNoBody(status, terms.head);
  let framing: Framing = 0;
  let persistent = terms.persistent;
  let extra = '';
  if (isTunnel(body)) return tunnelHead(reply, terms);
  if (status === 204 || status < 200) headers.remove('content-length');
  else {
    const length = bodyLength(reply);
    const declared = headers.get('content-length');
    if (length >= 0) {
      framing = length;
      if (declared === undefined) {
        if (!(bodiless && body === undefined)) extra = `Content-Length: ${length}\r\n`;
      } else if (declared !== String(length) && !bodiless) headers.set('Content-Length', String(length));
    } else if (!bodiless) {
      if (declared !== undefined) headers.remove('content-length');
      if (terms.minor === 1) {
        framing = 'chunked';
        extra = 'Transfer-Encoding: chunked\r\n';
      } else {
        framing = 'close';
        persistent = false;
      }
    }
  }
  if (headers.get('date') === undefined) extra += `Date: ${terms.date}\r\n`;
  if (!persistent) extra += 'Connection: close\r\n';
  else if (terms.keepAliveAsked) extra += 'Connection: keep-alive\r\n';
  return { text: `${statusLine(status)}${headers.lines()}${extra}\r\n`, framing, bodiless, persistent };
}

function bodyLength(reply: Reply): number {
  const { body } = reply;
  if (body === undefined) return 0;
  if (isSource(body)) return body.length;
  return (body as string | Uint8Array).length;
}

function tunnelHead(reply: Reply, terms: ReplyTerms): ReplyHead {
  const upgrade = reply.headers.get('upgrade');
  reply.headers.remove('upgrade');
  const date = reply.headers.get('date') === undefined ? `Date: ${terms.date}\r\n` : '';
  const text = `${statusLine(101)}${reply.headers.lines()}${date}Connection: upgrade\r\nUpgrade: ${upgrade ?? ''}\r\n\r\n`;
  return { text, framing: 'close', bodiless: true, persistent: false };
}
