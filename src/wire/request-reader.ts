import type { GatewayError } from '../http/errors.ts';
import { INCOMPLETE } from './fields.ts';
import type { Intake } from './intake.ts';
import type { RequestHeadParser } from './request-head.ts';
import { CR, LF } from './syntax.ts';

/** RFC 9112 §2.2: a few empty lines before a request line are passed over. */
const MAX_EMPTY_LINES = 4;

/** Heads up to this size are read anew whenever something comes, so that what is wrong is told at once. */
const CRUMBS = 4096;

/** The connection, as its reading side sees it. */
export interface ReaderHost {
  /** Whether the next request may be read now. */
  mayRead(): boolean;
  /** The beginning of a head is here, not its end. */
  headBegun(): void;
  /** A head is complete: the parser holds it, and the intake what came after it. */
  headRead(): void;
  /** What came is no request. */
  headRefused(error: GatewayError): void;
}

/** Reads request heads, one after the other, from what a client has sent. */
export class RequestReader {
  private readonly intake: Intake;
  private readonly parser: RequestHeadParser;
  private readonly host: ReaderHost;
  private emptyLines = 0;
  /** Bytes of the pending head that have been read in vain. */
  private parsed = 0;
  private reading = false;

  constructor(intake: Intake, parser: RequestHeadParser, host: ReaderHost) {
    this.intake = intake;
    this.parser = parser;
    this.host = host;
  }

  /**
   * Reads on until a request is in progress or the bytes run out. A request that is answered at once lets the loop go
   * on: many in one packet do not nest.
   */
  advance(): void {
    if (this.reading) return;
    this.reading = true;
    while (this.intake.pending !== undefined && this.host.mayRead()) {
      if (!this.readHead(this.intake.pending)) break;
    }
    this.reading = false;
  }

  /** @returns false when more bytes are needed */
  private readHead(buf: Buffer): boolean {
    const { intake, parser, host } = this;
    if (this.isHopeless(buf)) return false;
    const start = this.skipEmptyLines(buf);
    intake.skip(buf, start);
    // Nothing, or what may become another empty line.
    if (start === buf.length || (buf[start] === CR && start + 1 === buf.length)) return false;
    const next = parser.parse(buf, start, buf.length);
    if (next === INCOMPLETE) {
      this.parsed = buf.length - start;
      host.headBegun();
      return false;
    }
    this.emptyLines = this.parsed = 0;
    if (parser.error !== undefined) {
      host.headRefused(parser.error);
      return false;
    }
    intake.skip(buf, next);
    host.headRead();
    return true;
  }

  /** A long head that comes in crumbs is not read anew for each: only for a line's end, or for as much again. */
  private isHopeless(buf: Buffer): boolean {
    return buf.length > CRUMBS && buf.length < 2 * this.parsed && buf.indexOf(LF, this.parsed) < 0;
  }

  private skipEmptyLines(buf: Buffer): number {
    let start = 0;
    while (this.emptyLines < MAX_EMPTY_LINES && buf[start] === CR && buf[start + 1] === LF) {
      start += 2;
      this.emptyLines += 1;
    }
    return start;
  }
}
