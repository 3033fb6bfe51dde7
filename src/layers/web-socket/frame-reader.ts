import type { Counter } from '../../lib/cell.ts';
import { type Farewell, mayBeSent } from './close-frame.ts';

const INCOMPLETE = -1;
const BROKEN = -2;
/** Two bytes, eight of length, four of mask; a close frame ends its own with its code, and is never long. */
const MOST_HEAD = 14;
/** Fragments without content cost their receiver memory and no limit of size ever stops them. */
const MOST_EMPTY_FRAGMENTS = 1000;

const CONTINUATION = 0;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;
const NO_CODE = 1005;

/** What frames of one direction must be like. */
export interface FrameTerms {
  /** Clients mask what they send, servers never do (§5.1). */
  readonly masked: boolean;
  /** Bytes of a message, its fragments together; 0: no limit. */
  readonly maxMessage: number;
  /** What was agreed on: `permessage-deflate` marks first frames (RFC 7692 §6); what others do to a head nobody knows. */
  readonly extensions: 'none' | 'deflate' | 'unknown';
}

/**
 * Goes along with the frames of one direction (RFC 6455 §5.2) and says which bytes may go on. It looks at heads alone
 * and skips payloads by their length; it keeps no byte but those of a head that a read has cut in two, so that what goes
 * on ends at the end of a frame or within the payload of a valid one. Of a close frame the code counts as head.
 */
export class FrameReader {
  private readonly masked: boolean;
  private readonly most: number;
  private readonly deflate: boolean;
  private readonly lenient: boolean;
  private readonly messages: Counter;
  /** Bytes of the current frame's payload that are still to come; 0: the next byte begins a frame. */
  remaining = 0;
  /** The beginning of a head: goes on before the bytes of the read that completes it. */
  held: Buffer | undefined;
  /** The code of a close frame, 1005 for one without; 0 before there was one. */
  closeCode = 0;
  /** What whoever sent this is to be told; undefined: nothing is wrong. */
  broken: Farewell | undefined;
  private fragmented = false;
  private size = 0;
  private empty = 0;

  /** @param messages counts those that were sent to their end */
  constructor({ masked, maxMessage, extensions }: FrameTerms, messages: Counter) {
    this.masked = masked;
    this.most = maxMessage > 0 ? maxMessage : Number.MAX_SAFE_INTEGER;
    this.deflate = extensions === 'deflate';
    this.lenient = extensions === 'unknown';
    this.messages = messages;
    this.held = undefined;
    this.broken = undefined;
  }

  /** Nothing more is read: after a close frame the rest is thrown away (§1.4), and so it is behind what is broken. */
  get over(): boolean {
    return this.broken !== undefined || this.closed;
  }

  /** All of a close frame has passed. */
  get closed(): boolean {
    return this.closeCode !== 0 && this.remaining === 0;
  }

  /** @returns how many of the bytes may go on, from the first; those behind them are held, or for nobody */
  read(bytes: Uint8Array): number {
    if (this.over) return 0;
    const end = bytes.length;
    let at = 0;
    if (this.held !== undefined) {
      at = this.complete(this.held, bytes);
      if (at === 0) return 0;
    }
    for (;;) {
      if (this.remaining >= end - at) {
        this.remaining -= end - at;
        return end;
      }
      at += this.remaining;
      this.remaining = 0;
      if (this.closeCode !== 0) return at;
      const next = this.head(bytes, at, end);
      if (next === INCOMPLETE) this.held = Buffer.from(bytes.subarray(at));
      if (next < 0) return at;
      at = next;
    }
  }

  /** @returns where the head ends in `bytes` that began before them; 0: not yet, or it is broken */
  private complete(held: Buffer, bytes: Uint8Array): number {
    const head = Buffer.concat([held, bytes.subarray(0, MOST_HEAD - held.length)]);
    const next = this.head(head, 0, head.length);
    this.held = next === INCOMPLETE ? head : undefined;
    return next < 0 ? 0 : next - held.length;
  }

  /** @returns where the payload begins */
  private head(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return INCOMPLETE;
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const opcode = first & 0x0f;
    if (!this.lenient && (first & 0x70) !== 0) {
      const marked = this.deflate && (first & 0x70) === 0x40 && opcode !== CONTINUATION && opcode <= BINARY;
      if (!marked) return this.breaks('reserved bits are set');
    }
    if (second >= 0x80 !== this.masked) return this.breaks(this.masked ? 'a frame is not masked' : 'a frame is masked');
    let length = second & 0x7f;
    if (opcode >= CLOSE) {
      if (first < 0x80) return this.breaks('a control frame is fragmented');
      if (length > 125) return this.breaks('a control frame is longer than 125 bytes');
      if (opcode > PONG && !this.lenient) return this.breaks('an opcode that means nothing');
    } else if (opcode === CONTINUATION) {
      if (!this.fragmented) return this.breaks('a fragment that continues nothing');
    } else {
      if (opcode > BINARY && !this.lenient) return this.breaks('an opcode that means nothing');
      if (this.fragmented) return this.breaks('a message within another');
    }
    let next = at + 2;
    if (length === 126) {
      if (end < next + 2) return INCOMPLETE;
      length = uint16(bytes, next);
      next += 2;
      if (length < 126) return this.breaks('a length in more bytes than it takes');
    } else if (length === 127) {
      if (end < next + 8) return INCOMPLETE;
      if ((bytes[next] as number) >= 0x80) return this.breaks('a negative length');
      length = (uint16(bytes, next) * 0x10000 + uint16(bytes, next + 2)) * 0x1_0000_0000;
      length += uint16(bytes, next + 4) * 0x10000 + uint16(bytes, next + 6);
      next += 8;
      if (length < 0x10000) return this.breaks('a length in more bytes than it takes');
    }
    if (this.masked) next += 4;
    if (end < next) return INCOMPLETE;
    if (opcode === CLOSE) return this.close(bytes, next, end, length);
    if (opcode < CLOSE && !this.counts(first >= 0x80, length)) return BROKEN;
    this.remaining = length;
    return next;
  }

  /** A frame of a message. @returns whether the message may be as long as it becomes */
  private counts(final: boolean, length: number): boolean {
    const size = this.size + length;
    if (size > this.most) {
      this.broken = { code: 1009, reason: `a message of more than ${this.most} bytes` };
      return false;
    }
    if (final) {
      this.messages.value += 1;
      this.size = this.empty = 0;
      this.fragmented = false;
      return true;
    }
    this.size = size;
    this.fragmented = true;
    if (length === 0) this.empty += 1;
    if (this.empty <= MOST_EMPTY_FRAGMENTS) return true;
    this.broken = { code: 1008, reason: 'a message of too many empty fragments' };
    return false;
  }

  private close(bytes: Uint8Array, at: number, end: number, length: number): number {
    if (length === 1) return this.breaks('a close frame with half a code');
    if (length === 0) {
      this.closeCode = NO_CODE;
      return at;
    }
    if (end < at + 2) return INCOMPLETE;
    const code = uint16(bytes, at) ^ (this.masked ? uint16(bytes, at - 4) : 0);
    if (!mayBeSent(code)) return this.breaks(`a close code that is never sent: ${code}`);
    this.closeCode = code;
    this.remaining = length - 2;
    return at + 2;
  }

  private breaks(reason: string): number {
    this.broken = { code: 1002, reason };
    return BROKEN;
  }
}

function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
