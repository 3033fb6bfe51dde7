import { Headers } from '../http/headers.ts';
import { type FieldLimits, FieldsParser, INCOMPLETE, REFUSED } from './fields.ts';
import { Framing } from './framing.ts';
import { CLASS, CR, LF, SP, VALUE } from './syntax.ts';

/** "HTTP/1.1 200" */
const MIN_LINE = 12;
const LINE = /^HTTP\/1\.\d [1-5]\d\d[ \r]/;
const SAMPLE = 'HTTP/1.1 200 ';
/** A reason phrase is for nobody (RFC 9112 §4): one that does not end is not one. */
const MAX_LINE = 1024;

/**
 * Reads the head of a reply (RFC 9112 §4–5), as strictly as that of a request: two lengths, a length beside a
 * coding, or a line that is not one could make two readers see two different replies. One instance serves many.
 */
export class ReplyHeadParser {
  private readonly fields: FieldsParser;
  readonly framing = new Framing();
  status = 0;
  minor = 1;
  headers: Headers = new Headers();
  problem = '';

  constructor(limits: FieldLimits) {
    this.fields = new FieldsParser(limits);
  }

  /** @returns the position after the head, INCOMPLETE or REFUSED */
  parse(buf: Buffer, start: number, end: number): number {
    if (end - start < MIN_LINE + 1) return this.isPrefix(buf, start, end) ? INCOMPLETE : this.refuse('no status line');
    if (buf[start] !== 72 || buf[start + 1] !== 84 || buf[start + 2] !== 84 || buf[start + 3] !== 80)
      return this.refuse('no status line');
    if (buf[start + 4] !== 47 || buf[start + 5] !== 49 || buf[start + 6] !== 46) return this.refuse('not HTTP/1.1');
    const minor = (buf[start + 7] as number) - 48;
    if (!(minor >= 0 && minor <= 9) || buf[start + 8] !== SP) return this.refuse('not HTTP/1.1');
    this.minor = minor === 0 ? 0 : 1;
    const hundreds = (buf[start + 9] as number) - 48;
    const tens = (buf[start + 10] as number) - 48;
    const ones = (buf[start + 11] as number) - 48;
    if (!(hundreds >= 1 && hundreds <= 5 && tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) return this.refuse('not a status');
    this.status = hundreds * 100 + tens * 10 + ones;
    let pos = start + MIN_LINE;
    // Many servers leave out the space before an empty reason.
    if (buf[pos] !== SP && buf[pos] !== CR) return this.refuse('not a status');
    while (pos < end && ((CLASS[buf[pos] as number] as number) & VALUE) !== 0) pos++;
    if (pos - start > MAX_LINE) return this.refuse('a status line without end');
    if (pos + 1 >= end) return pos < end && buf[pos] !== CR ? this.refuse('a status line with a control character') : INCOMPLETE;
    if (buf[pos] !== CR || buf[pos + 1] !== LF) return this.refuse('a status line that does not end in CRLF');
    const next = this.fields.parse(buf, pos + 2, end, start);
    if (next < 0) return next === REFUSED ? this.refuse(this.fields.problem) : next;
    const text = buf.toString('latin1', start, this.fields.blockEnd);
    this.framing.read(text, this.fields.offsets, this.minor);
    if (this.framing.problem !== '') return this.refuse(this.framing.problem);
    this.headers = new Headers(text, this.fields.offsets, this.fields.blockEnd - start);
    return next;
  }

  /** Whether what is here can still become "HTTP/1.1 200". */
  private isPrefix(buf: Buffer, start: number, end: number): boolean {
    const text = buf.toString('latin1', start, end);
    return LINE.test(text + SAMPLE.slice(text.length));
  }

  private refuse(problem: string): number {
    this.problem = problem;
    return REFUSED;
  }
}
