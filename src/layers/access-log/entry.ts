import type { Exchange, Outcome } from '../../http/exchange.ts';
import type { Headers } from '../../http/headers.ts';
import { isSource, isTunnel } from '../../http/reply.ts';

/** What is known of one request when its line is written. Requests are noted as they came: layers change them. */
export class Entry {
  readonly exchange: Exchange;
  readonly target: string;
  readonly authority: string;
  /** Values of the request's fields that the line names, in the order of the names. */
  readonly fields: readonly (string | undefined)[] | undefined;
  /** @param names in lower case, of fields of the request */
  constructor(exchange: Exchange, names: readonly string[]) {
    this.exchange = exchange;
    this.target = exchange.target;
    this.authority = exchange.authority;
    this.fields = names.length === 0 ? undefined : names.map((name) => exchange.headers.get(name));
  }

  get replyHeaders(): Headers | undefined {
    return this.exchange.reply?.headers;
  }

  /** Bytes of the reply's body; undefined when it came in pieces whose sum nobody announced, or broke off. */
  bytes({ error }: Outcome): number | undefined {
    const { reply, failure } = this.exchange;
    // An error of the gateway's own is a whole reply.
    if (reply === undefined || (error !== undefined && error !== failure)) return undefined;
    const { body, status } = reply;
    if (body === undefined || this.exchange.method === 'HEAD' || status === 204 || status === 304) return 0;
    if (typeof body === 'string' || body instanceof Uint8Array) return body.length;
    if (isTunnel(body) || !isSource(body) || body.length < 0) return undefined;
    return body.length;
  }
}
