import { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import type { Handler } from '../http/layer.ts';
import { isSource, isTunnel, Reply, type ReplyBody } from '../http/reply.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../telemetry/log.ts';

/** Milliseconds between two lines about the faults of one layer. */
export const TOLD_EVERY = 10_000;

/** Tells the log what a layer does wrong: the first fault at once, then at most one in each ten seconds, with their number. */
export class LayerFaults {
  private readonly logger: Logger;
  private readonly clock: Pick<Clock, 'now'>;
  private readonly place: { readonly module: string; readonly route: string };
  private toldAt = Number.NEGATIVE_INFINITY;
  private untold = 0;

  constructor(logger: Logger, clock: Pick<Clock, 'now'>, place: { readonly module: string; readonly route: string }) {
    this.logger = logger;
    this.clock = clock;
    this.place = place;
  }

  tell(fault: unknown, requestId: string): void {
    this.untold += 1;
    const now = this.clock.now();
    if (now - this.toldAt < TOLD_EVERY) return;
    const about = { ...this.place, requests: this.untold, request_id: requestId };
    this.toldAt = now;
    this.untold = 0;
    this.logger.error({ ...about, err: fault }, 'a custom layer failed');
  }
}

/**
 * Runs the handler of a user's layer. What it throws or gives that is neither a reply nor an error of the gateway is told, and
 * costs the one request: a 500 that says nothing of it.
 */
export function guarded(handler: Handler, faults: LayerFaults): Handler {
  const fault = (thrown: unknown, exchange: Exchange): GatewayError => {
    if (thrown instanceof GatewayError) return thrown;
    faults.tell(thrown, exchange.requestId);
    // Without a cause: it is told already.
    return new GatewayError('internal');
  };
  const later = async (reply: PromiseLike<unknown>, exchange: Exchange): Promise<Reply> => {
    try {
      return checked(await reply);
    } catch (thrown) {
      throw fault(thrown, exchange);
    }
  };
  return (exchange) => {
    try {
      const reply: unknown = handler(exchange);
      return isThenable(reply) ? later(reply, exchange) : checked(reply);
    } catch (thrown) {
      throw fault(thrown, exchange);
    }
  };
}

/**
 * What a user's layer is given as the next handler. A body that the layer took and did not pass on would keep its connection to
 * the upstream for ever: it is cancelled when the exchange ends, which does nothing to one that was read to its end.
 */
export function tidied(next: Handler): Handler {
  const tidy = (reply: Reply, exchange: Exchange): Reply => {
    const { body } = reply;
    if (isSource(body)) exchange.onEnd(() => body.cancel());
    else if (isTunnel(body)) exchange.onEnd(() => body.fromUpstream.cancel());
    return reply;
  };
  return (exchange) => {
    const reply = next(exchange);
    return reply instanceof Promise ? reply.then((one) => tidy(one, exchange)) : tidy(reply, exchange);
  };
}

function checked(reply: unknown): Reply {
  if (!(reply instanceof Reply)) throw new TypeError('gave no reply: one is what next() gives, or tools.reply() makes');
  const { status, headers, body } = reply;
  const least = isBody(body) && isTunnel(body) ? 101 : 200;
  if (!Number.isInteger(status) || status < least || status > 999)
    throw new TypeError(`gave a reply of status ${String(status)}`);
  if (!(headers instanceof Headers)) throw new TypeError('gave a reply whose headers are none');
  if (!isBody(body)) throw new TypeError('gave a reply whose body is none');
  return reply;
}

function isBody(body: unknown): body is ReplyBody {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return true;
  return typeof body === 'object' && body !== null && (isSource(body as ReplyBody) || isTunnel(body as ReplyBody));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';
}
