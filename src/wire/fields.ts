import { CLASS, COLON, CR, HTAB, isTwin, LF, nameId, SP, TOKEN, UNDERSCORE, VALUE } from './syntax.ts';

/** The message so far is fine, but not all of it is here. */
export const INCOMPLETE = -1;
/** Refused: {@link FieldsParser.problem} says why. */
export const REFUSED = -2;

/** The id of a field that nobody sees: see `http/headers.ts`. */
const REMOVED = -1;

export interface FieldLimits {
  /** Bytes of all field lines together. */
  readonly headerBytes: number;
  readonly headerCount: number;
}

/**
 * Reads field lines up to and including the empty line after them (RFC 9112 §5), as strictly as the grammar is
 * written: no folding, no space before the colon, CRLF and nothing else between lines. Validates and finds offsets
 * in one pass over the bytes; makes no text. One instance serves many messages, one at a time.
 */
export class FieldsParser {
  limits: FieldLimits;
  /** Five numbers a field (see `http/headers.ts`), relative to the `base` of {@link parse}. */
  offsets: number[] = [];
  /** Where the last field line ends, absolute. */
  blockEnd = 0;
  problem = '';
  /** The problem is one of size: 431 instead of 400. */
  tooLarge = false;

  constructor(limits: FieldLimits) {
    this.limits = limits;
  }

  /**
   * @param base what offsets count from: where the message's text will start
   * @returns the position after the empty line, {@link INCOMPLETE} or {@link REFUSED}
   */
  parse(buf: Buffer, start: number, end: number, base: number): number {
    // What the loops need for every byte: an imported binding is loaded anew each time it is named.
    const classOf = CLASS;
    const token = TOKEN;
    const value = VALUE;
    const offsets: number[] = [];
    this.offsets = offsets;
    this.tooLarge = false;
    const maxEnd = start + this.limits.headerBytes;
    let count = 0;
    let pos = start;
    lines: while (pos < end) {
      const lineStart = pos;
      let byte = buf[pos] as number;
      if (byte === CR) {
        if (pos + 1 >= end) break;
        if (buf[pos + 1] !== LF) return this.refuse('a bare CR');
        this.blockEnd = pos;
        return pos > maxEnd ? this.refuseSize('the header section is too large') : pos + 2;
      }
      let kinds = 0;
      for (let kind = classOf[byte] as number; (kind & token) !== 0; kind = classOf[byte] as number) {
        kinds |= kind;
        if (++pos >= end) break lines;
        byte = buf[pos] as number;
      }
      const nameEnd = pos;
      if (byte !== COLON) return this.refuse(nameProblem(byte, pos === lineStart, lineStart === start));
      if (nameEnd === lineStart) return this.refuse('a field line without a name');
      do {
        if (++pos >= end) break lines;
        byte = buf[pos] as number;
      } while (byte === SP || byte === HTAB);
      const valueStart = pos;
      while ((classOf[byte] as number) & value) {
        if (++pos >= end) break lines;
        byte = buf[pos] as number;
      }
      if (byte !== CR) return this.refuse(byte === LF ? 'a bare LF' : 'a control character in a field value');
      if (pos + 1 >= end) break;
      if (buf[pos + 1] !== LF) return this.refuse('a bare CR');
      let valueEnd = pos;
      while (valueEnd > valueStart && (buf[valueEnd - 1] === SP || buf[valueEnd - 1] === HTAB)) valueEnd--;
      pos += 2;
      if (++count > this.limits.headerCount) return this.refuseSize('too many fields');
      const id = (kinds & UNDERSCORE) !== 0 && isTwin(buf, lineStart, nameEnd) ? REMOVED : nameId(buf, lineStart, nameEnd);
      offsets.push(lineStart - base, nameEnd - base, valueStart - base, valueEnd - base, id);
    }
    return this.incomplete(pos, maxEnd);
  }

  private incomplete(pos: number, maxEnd: number): number {
    return pos > maxEnd ? this.refuseSize('the header section is too large') : INCOMPLETE;
  }

  private refuse(problem: string): number {
    this.problem = problem;
    return REFUSED;
  }

  private refuseSize(problem: string): number {
    this.tooLarge = true;
    return this.refuse(problem);
  }
}

function nameProblem(byte: number, atLineStart: boolean, atBlockStart: boolean): string {
  if (byte === SP || byte === HTAB) {
    if (!atLineStart) return 'white space in or after a field name';
    return atBlockStart ? 'white space before the first field' : 'a folded field line';
  }
  if (byte === LF) return 'a bare LF';
  if (byte === CR) return 'a field line without a colon';
  return 'a character in a field name that is not allowed there';
}
