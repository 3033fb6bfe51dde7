import type { HttpDate } from '../lib/clock.ts';
import type { RequestHeadParser } from './request-head.ts';

/** What the request and the connection say about how its reply may be written. */
export class ReplyTerms {
  private readonly clock: HttpDate;
  /** The request was HEAD. */
  head = false;
  /** Of the client's HTTP version. */
  minor = 1;
  /** The connection may serve another request. Once false it stays so. */
  persistent = true;
  /** The client speaks 1.0 and asked for the connection to stay. */
  keepAliveAsked = false;

  constructor(clock: HttpDate) {
    this.clock = clock;
  }

  get date(): string {
    return this.clock.now();
  }

  /** For the reply to the request that was just parsed. */
  read({ method, minor, framing }: RequestHeadParser, draining: boolean): void {
    this.head = method === 'HEAD';
    this.minor = minor;
    this.keepAliveAsked = minor === 0 && framing.keepAlive;
    if (draining || framing.close || (minor === 0 && !framing.keepAlive)) this.persistent = false;
  }

  /** For an answer to bytes that are no request. */
  last(): void {
    this.head = this.persistent = this.keepAliveAsked = false;
    this.minor = 1;
  }
}
