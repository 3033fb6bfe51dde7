import { type ErrorCode, GatewayError } from '../http/errors.ts';
import { Headers } from '../http/headers.ts';
import { type FieldLimits, FieldsParser, INCOMPLETE, REFUSED } from './fields.ts';
import { Framing } from './framing.ts';
import { CLASS, CR, LF, SP, TOKEN } from './syntax.ts';
import { hostOf, readTarget, type Target } from './target.ts';

export interface HeadLimits extends FieldLimits {
  /** Bytes of the request target. */
  readonly uriBytes: number;
}

/** Longer than any method there is (RFC 9110 §9.1 lets us answer 501). */
const MAX_METHOD = 32;
const VERSION_LENGTH = 8;

/**
 * Reads the head of a request (RFC 9112 §2–3, §5). `parse` either needs more bytes, refuses with {@link error}, or
 * fills the fields below. One instance serves many requests, one at a time.
 */
export class RequestHeadParser {
  private limits: HeadLimits;
  private readonly fields: FieldsParser;
  readonly framing = new Framing();
  method = '';
  target: Target = { form: 'origin', authority: '', value: '/' };
  authority = '';
  minor = 1;
  headers: Headers = new Headers();
  error: GatewayError | undefined;

  constructor(limits: HeadLimits) {
    this.limits = limits;
    this.fields = new FieldsParser(limits);
  }

  /** Other limits, for heads that are complete from now on. */
  limit(limits: HeadLimits): void {
    this.limits = limits;
    this.fields.limits = limits;
  }

  /** @returns the position after the head, INCOMPLETE or REFUSED */
  parse(buf: Buffer, start: number, end: number): number {
    this.error = undefined;
    let pos = start;
    while (pos < end && (CLASS[buf[pos] as number] as number) & TOKEN) pos++;
    const methodEnd = pos;
    if (methodEnd - start > MAX_METHOD) return this.refuse('not_implemented', 'an unknown method');
    if (pos >= end) return INCOMPLETE;
    if (buf[pos] !== SP || pos === start)
      return this.refuse('bad_request', 'the request line does not start with a method and a space');
    const targetStart = ++pos;
    while (pos < end && (buf[pos] as number) > SP) pos++;
    if (pos - targetStart > this.limits.uriBytes) return this.refuse('uri_too_long');
    if (pos >= end) return INCOMPLETE;
    const targetEnd = pos;
    if (buf[pos] !== SP || targetEnd === targetStart)
      return this.refuse('bad_request', 'the request line is not method, target and version');
    const versionStart = pos + 1;
    const afterLine = versionStart + VERSION_LENGTH + 2;
    if (end < afterLine) {
      return end > versionStart && !'HTTP/'.startsWith(buf.toString('latin1', versionStart, Math.min(end, versionStart + 5)))
        ? this.refuse('bad_request', 'the version is not HTTP/1.1')
        : INCOMPLETE;
    }
    if (!this.readVersion(buf, versionStart)) return REFUSED;
    if (buf[afterLine - 2] !== CR || buf[afterLine - 1] !== LF)
      return this.refuse('bad_request', 'the request line does not end in CRLF');

    const next = this.fields.parse(buf, afterLine, end, start);
    if (next < 0) {
      if (next === REFUSED) this.refuse(this.fields.tooLarge ? 'headers_too_large' : 'bad_request', this.fields.problem);
      return next;
    }
    const text = buf.toString('latin1', start, this.fields.blockEnd);
    this.method = knownMethod(text, methodEnd - start);
    const framing = this.framing;
    framing.read(text, this.fields.offsets, this.minor);
    if (framing.problem !== '') return this.refuse(framing.unimplemented ? 'not_implemented' : 'bad_request', framing.problem);
    const target = readTarget(buf, targetStart, targetEnd, this.method, text.slice(targetStart - start, targetEnd - start));
    if (typeof target === 'string') return this.refuse(this.method === 'CONNECT' ? 'not_implemented' : 'bad_request', target);
    this.target = target;
    if (!this.readHost()) return REFUSED;
    this.headers = new Headers(text, this.fields.offsets, this.fields.blockEnd - start);
    return next;
  }

  /** HTTP-version is exact and case-sensitive; a higher minor one is answered as 1.1 (RFC 9110 §2.5). */
  private readVersion(buf: Buffer, at: number): boolean {
    const isHttp = buf[at] === 72 && buf[at + 1] === 84 && buf[at + 2] === 84 && buf[at + 3] === 80 && buf[at + 4] === 47;
    const major = (buf[at + 5] as number) - 48;
    const minor = (buf[at + 7] as number) - 48;
    if (!isHttp || buf[at + 6] !== 46 || !(major >= 0 && major <= 9) || !(minor >= 0 && minor <= 9)) {
      this.refuse('bad_request', 'the version is not HTTP/1.1');
      return false;
    }
    if (major !== 1) {
      this.refuse('version_not_supported');
      return false;
    }
    this.minor = minor === 0 ? 0 : 1;
    return true;
  }

  /** Exactly one valid Host (none is allowed in HTTP/1.0), equal to an absolute target's (RFC 9112 §3.2). */
  private readHost(): boolean {
    const { framing, target } = this;
    if (framing.hostCount > 1 || (framing.hostCount === 0 && this.minor === 1)) {
      this.refuse('bad_request', framing.hostCount === 0 ? 'no Host' : 'more than one Host');
      return false;
    }
    const host = framing.host;
    if (host !== undefined && !hostOf(host)) {
      this.refuse('bad_request', 'a Host that is not a host and port');
      return false;
    }
    const named = target.authority !== '';
    if (named && host !== undefined && withoutDefaultPort(host, target) !== withoutDefaultPort(target.authority, target)) {
      this.refuse('bad_request', 'a Host that disagrees with the target');
      return false;
    }
    this.authority = named ? target.authority : (host ?? '');
    return true;
  }

  private refuse(code: ErrorCode, detail?: string): number {
    this.error = new GatewayError(code, detail);
    return REFUSED;
  }
}

function withoutDefaultPort(authority: string, target: Target): string {
  return authority.toLowerCase().replace(target.scheme === 'https' ? /:(443)?$/ : /:(80)?$/, '');
}

/** The constant for the common methods, so that comparing them later compares pointers. */
function knownMethod(text: string, length: number): string {
  if (length === 3) {
    if (text.startsWith('GET')) return 'GET';
    if (text.startsWith('PUT')) return 'PUT';
  } else if (length === 4) {
    if (text.startsWith('POST')) return 'POST';
    if (text.startsWith('HEAD')) return 'HEAD';
  }
  return text.slice(0, length);
}
