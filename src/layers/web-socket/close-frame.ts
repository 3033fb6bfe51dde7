import { randomFillSync } from 'node:crypto';

/** What the end of a connection is told: a code of RFC 6455 §7.4 and a reason of at most 123 bytes, in ASCII. */
export interface Farewell {
  readonly code: number;
  readonly reason: string;
}

/** A close frame (§5.5.1). @param masked as a client sends it, with a mask of its own (§5.3) */
export function closeFrame({ code, reason }: Farewell, masked: boolean): Buffer {
  const start = masked ? 6 : 2;
  const frame = Buffer.alloc(start + 2 + reason.length);
  frame[0] = 0x88;
  frame[1] = (masked ? 0x80 : 0) | (2 + reason.length);
  frame.writeUInt16BE(code, start);
  frame.write(reason, start + 2, 'latin1');
  if (!masked) return frame;
  randomFillSync(frame, 2, 4);
  for (let at = 0; at < frame.length - start; at++)
    frame[start + at] = (frame[start + at] as number) ^ (frame[2 + (at % 4)] as number);
  return frame;
}

/** Whether a code may stand in a close frame: §7.4.2, and 1012 to 1014 as registered with IANA since. */
export function mayBeSent(code: number): boolean {
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
