/** A frame in the words of RFC 6455 §5.2, right or wrong. */
export interface Frame {
  readonly opcode: number;
  readonly payload?: string | Buffer;
  /** Default: true. */
  readonly fin?: boolean;
  /** Reserved bits as they stand in the first byte: 0x40, 0x20, 0x10. */
  readonly rsv?: number;
  /** What the head says instead of the payload's length, in 7, 16 or 64 bits. */
  readonly length?: number | bigint;
  readonly bits?: 7 | 16 | 64;
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export function frame({ opcode, payload = '', fin = true, rsv = 0, length, bits }: Frame, masked: boolean): Buffer {
  const content = Buffer.from(payload as string);
  const said = BigInt(length ?? content.length);
  const width = bits ?? (said < 126n ? 7 : said < 65536n ? 16 : 64);
  const head = Buffer.alloc(width === 7 ? 2 : width === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | rsv | opcode;
  head[1] = (masked ? 0x80 : 0) | (width === 7 ? Number(said) : width === 16 ? 126 : 127);
  if (width === 16) head.writeUInt16BE(Number(said), 2);
  if (width === 64) head.writeBigUInt64BE(said, 2);
  if (!masked) return Buffer.concat([head, content]);
  return Buffer.concat([head, MASK, content.map((byte, at) => byte ^ (MASK[at % 4] as number))]);
}

/** From a client. */
export function masked(...frames: Frame[]): Buffer {
  return Buffer.concat(frames.map((one) => frame(one, true)));
}

/** From a server. */
export function plain(...frames: Frame[]): Buffer {
  return Buffer.concat(frames.map((one) => frame(one, false)));
}

export function closing(code: number | undefined, reason = ''): Frame {
  const head = Buffer.alloc(code === undefined ? 0 : 2);
  if (code !== undefined) head.writeUInt16BE(code);
  return { opcode: CLOSE, payload: Buffer.concat([head, Buffer.from(reason)]) };
}

export interface Seen {
  readonly opcode: number;
  readonly fin: boolean;
  readonly masked: boolean;
  readonly payload: Buffer;
  /** Of a close frame. */
  readonly code?: number;
  readonly reason?: string;
}

/** Reads frames slowly and surely, without judging them. @returns what stands behind the last whole one, too */
export function framesIn(bytes: Buffer): { frames: Seen[]; rest: Buffer } {
  const frames: Seen[] = [];
  let at = 0;
  for (;;) {
    const left = bytes.subarray(at);
    if (left.length < 2) return { frames, rest: left };
    const isMasked = (left[1] as number) >= 0x80;
    const short = (left[1] as number) & 0x7f;
    const lengthEnd = short === 126 ? 4 : short === 127 ? 10 : 2;
    const start = lengthEnd + (isMasked ? 4 : 0);
    if (left.length < start) return { frames, rest: left };
    const length = short === 126 ? left.readUInt16BE(2) : short === 127 ? Number(left.readBigUInt64BE(2)) : short;
    if (left.length < start + length) return { frames, rest: left };
    const mask = isMasked ? left.subarray(lengthEnd, start) : Buffer.alloc(4);
    const payload = Buffer.from(left.subarray(start, start + length).map((byte, index) => byte ^ (mask[index % 4] as number)));
    const opcode = (left[0] as number) & 0x0f;
    const told = opcode === CLOSE && length >= 2 ? { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) } : {};
    frames.push({ opcode, fin: (left[0] as number) >= 0x80, masked: isMasked, payload, ...told });
    at += start + length;
  }
}
