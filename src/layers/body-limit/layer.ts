import type { Sink, Source } from '../../http/body.ts';
import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Headers } from '../../http/headers.ts';
import type { Layer } from '../../http/layer.ts';

/**
 * Refuses requests whose body is larger than a limit: at once, unread, when the length is announced; else when the
 * body exceeds it on its way, which cancels the exchange, so that no upstream takes the part for the whole.
 * @param limit bytes, more than 0
 */
export function bodyLimit(limit: number): Layer {
  return (next) => (exchange) => {
    const { body } = exchange;
    if (body.length > limit) throw new GatewayError('content_too_large');
    if (body.length < 0) exchange.body = new LimitedBody(body, limit, exchange);
    return next(exchange);
  };
}

/** A body of unknown length that breaks off when it is longer than it may be. */
class LimitedBody implements Source, Sink {
  readonly length = -1;
  private readonly source: Source;
  private readonly exchange: Exchange;
  private left: number;
  private sink: Sink | undefined;

  constructor(source: Source, limit: number, exchange: Exchange) {
    this.source = source;
    this.left = limit;
    this.exchange = exchange;
  }

  pipe(sink: Sink): void {
    this.sink = sink;
    this.source.pipe(this);
  }

  resume(): void {
    this.source.resume();
  }

  cancel(): void {
    this.sink = undefined;
    this.source.cancel();
  }

  chunk(bytes: Uint8Array): boolean {
    this.left -= bytes.length;
    if (this.left >= 0) return this.sink?.chunk(bytes) ?? false;
    const { sink } = this;
    const error = new GatewayError('content_too_large');
    // Not read any further: the reply then says that it is the connection's last.
    this.cancel();
    this.exchange.cancel(error);
    // For a consumer that does not listen to the exchange.
    sink?.fail(error);
    return false;
  }

  end(trailers?: Headers): void {
    this.sink?.end(trailers);
  }

  fail(error: Error): void {
    this.sink?.fail(error);
  }
}
