import { Headers } from '../http/headers.ts';
import { FieldsParser, INCOMPLETE, REFUSED } from './fields.ts';
import { CLASS, CR, HEX_VALUE, HTAB, LF, SP, TOKEN, VALUE } from './syntax.ts';

/** Extensions are read, checked and thrown away; more bytes of them than this in one body are an attack. */
const MAX_EXTENSION_BYTES = 4096;
const MAX_SIZE_DIGITS = 16;
const TRAILER_LIMITS = { headerBytes: 8192, headerCount: 64 };

type State = 'size' | 'ext' | 'ext-name' | 'ext-after-name' | 'ext-value' | 'ext-quoted' | 'ext-escaped' | 'ext-after-value';
type Phase = State | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'done';

/** Trailer fields that change framing, routing, identity or the meaning of the content are dropped (RFC 9110 §6.5.1). */
export const FORBIDDEN_TRAILERS: readonly string[] = [
  ...['transfer-encoding', 'content-length', 'host', 'trailer', 'te', 'connection', 'keep-alive', 'proxy-connection', 'upgrade'],
  ...['content-encoding', 'content-type', 'content-range', 'cache-control', 'expect', 'max-forwards', 'pragma', 'range', 'vary'],
  ...[
    'if-match',
    'if-none-match',
    'if-modified-since',
    'if-unmodified-since',
    'if-range',
    'authorization',
    'set-cookie',
    'cookie',
  ],
  ...['proxy-authenticate', 'proxy-authorization', 'www-authenticate', 'age', 'date', 'expires', 'location', 'retry-after'],
  ...['via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
  ...['x-real-ip', 'x-request-id'],
];

/**
 * Takes a chunked body apart (RFC 9112 §7.1). The data of one call ends up in one run, moved together inside the
 * caller's buffer, so that a reader passes on one piece per read however small the chunks are.
 */
export class ChunkedDecoder {
  private phase: Phase = 'size';
  private size = 0;
  private digits = 0;
  private extensionBytes = 0;
  /** White space is fine before a further extension or its value, not before the line's end. */
  private spaced = false;
  private valueStarted = false;
  private partial: Buffer | undefined;
  /** The run of data that the last {@link decode} found: `buf[dataStart, dataEnd)`. */
  dataStart = 0;
  dataEnd = 0;
  trailers: Headers | undefined;
  /** Why the body is refused; empty while it is not. */
  problem = '';

  get done(): boolean {
    return this.phase === 'done';
  }

  /** @returns the position after what was consumed, or −2 when the body is refused. Data found before is valid. */
  decode(buf: Buffer, start: number, end: number): number {
    let pos = start;
    this.dataStart = this.dataEnd = start;
    while (pos < end && this.phase !== 'done') {
      if (this.phase === 'data') {
        const length = Math.min(this.size, end - pos);
        this.keep(buf, pos, length);
        pos += length;
        this.size -= length;
        if (this.size === 0) this.phase = 'data-cr';
      } else if (this.phase === 'trailers') {
        pos = this.readTrailers(buf, pos, end);
        if (pos < 0) return REFUSED;
      } else if (!this.step(buf[pos++] as number)) {
        return REFUSED;
      }
    }
    return pos;
  }

  private keep(buf: Buffer, pos: number, length: number): void {
    if (this.dataEnd === this.dataStart) this.dataStart = this.dataEnd = pos;
    if (this.dataEnd !== pos) buf.copyWithin(this.dataEnd, pos, pos + length);
    this.dataEnd += length;
  }

  /** One byte of the lines between data. */
  private step(byte: number): boolean {
    switch (this.phase) {
      case 'size': {
        const digit = HEX_VALUE[byte] as number;
        if (digit !== 255) {
          this.digits += 1;
          this.size = this.size * 16 + digit;
          return this.digits <= MAX_SIZE_DIGITS && this.size <= Number.MAX_SAFE_INTEGER
            ? true
            : this.refuse('a chunk size beyond any body');
        }
        if (this.digits === 0) return this.refuse('a chunk without a size');
        if (byte === CR) this.phase = 'size-lf';
        else if (byte === 0x3b) this.phase = 'ext';
        else if (byte === SP || byte === HTAB) this.toAfterValue(true);
        else return this.refuse('a chunk size that is not hexadecimal');
        return true;
      }
      case 'size-lf':
        if (byte !== LF) return this.refuse('a bare CR after a chunk size');
        this.phase = this.size === 0 ? 'trailers' : 'data';
        this.digits = 0;
        return true;
      case 'data-cr':
        this.phase = 'data-lf';
        return byte === CR || this.refuse('chunk data longer than its size');
      case 'data-lf':
        this.phase = 'size';
        return byte === LF || this.refuse('a bare CR after chunk data');
      default:
        return ++this.extensionBytes <= MAX_EXTENSION_BYTES ? this.extension(byte) : this.refuse('chunk extensions without end');
    }
  }

  /** `;name`, `;name=token`, `;name="quoted"`, with the white space that RFC 9112 §7.1.1 tells recipients to bear. */
  private extension(byte: number): boolean {
    const isToken = ((CLASS[byte] as number) & TOKEN) !== 0;
    const isSpace = byte === SP || byte === HTAB;
    switch (this.phase) {
      case 'ext':
        if (isSpace) return true;
        this.phase = 'ext-name';
        this.spaced = false;
        return isToken || this.refuse('a chunk extension without a name');
      case 'ext-name':
        if (isToken) return true;
        this.phase = 'ext-after-name';
        return this.extension(byte);
      case 'ext-after-name':
        if (isSpace) {
          this.spaced = true;
          return true;
        }
        if (byte !== 0x3d) return this.afterExtension(byte);
        this.phase = 'ext-value';
        this.spaced = this.valueStarted = false;
        return true;
      case 'ext-value':
        if (isToken) {
          this.valueStarted = true;
          return true;
        }
        if (!this.valueStarted) {
          if (isSpace) return true;
          if (byte !== 0x22) return this.refuse('a chunk extension without a value');
          this.phase = 'ext-quoted';
          return true;
        }
        this.toAfterValue(false);
        return this.extension(byte);
      case 'ext-quoted':
        if (byte === 0x22) this.toAfterValue(false);
        else if (byte === 0x5c) this.phase = 'ext-escaped';
        return ((CLASS[byte] as number) & VALUE) !== 0 || this.refuse('a control character in a chunk extension');
      case 'ext-escaped':
        this.phase = 'ext-quoted';
        return ((CLASS[byte] as number) & VALUE) !== 0 || this.refuse('a control character in a chunk extension');
      default:
        if (!isSpace) return this.afterExtension(byte);
        this.spaced = true;
        return true;
    }
  }

  private toAfterValue(spaced: boolean): void {
    this.phase = 'ext-after-value';
    this.spaced = spaced;
  }

  private afterExtension(byte: number): boolean {
    if (byte === 0x3b) this.phase = 'ext';
    else if (byte === CR && !this.spaced) this.phase = 'size-lf';
    else return this.refuse(byte === LF ? 'a bare LF after a chunk size' : 'a malformed chunk extension');
    return true;
  }

  private readTrailers(buf: Buffer, start: number, end: number): number {
    const held = this.partial?.length ?? 0;
    const whole = this.partial === undefined ? buf.subarray(start, end) : Buffer.concat([this.partial, buf.subarray(start, end)]);
    const fields = new FieldsParser(TRAILER_LIMITS);
    const next = fields.parse(whole, 0, whole.length, 0);
    if (next === REFUSED) {
      this.refuse(`trailers: ${fields.problem}`);
      return REFUSED;
    }
    if (next === INCOMPLETE) {
      this.partial = this.partial === undefined ? Buffer.from(whole) : whole;
      return end;
    }
    this.phase = 'done';
    this.partial = undefined;
    if (fields.offsets.length > 0) {
      this.trailers = new Headers(whole.toString('latin1', 0, fields.blockEnd), fields.offsets, fields.blockEnd);
      for (const name of FORBIDDEN_TRAILERS) this.trailers.remove(name);
    }
    return start + next - held;
  }

  private refuse(problem: string): boolean {
    this.problem = problem;
    return false;
  }
}
