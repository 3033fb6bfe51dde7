import { bestCoding } from '../../http/accept-encoding.ts';
import { SMALL_BODY, type Source } from '../../http/body.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';
import { isSource, isTunnel, type Reply } from '../../http/reply.ts';
import { CompressedBody, MOST_AT_ONCE } from './compressed-body.ts';
import type { Coding, CompressionConfig } from './config.ts';
import { eligibility, forbidsTransform, mediaType } from './eligible.ts';
import { type Encoding, encodingOf } from './encoders.ts';
import { dropDigests, markCompressed, markNegotiated, markNotModified } from './fields.ts';
import type { CompressionMetrics } from './metrics.ts';

/** What is sent as it happens, even where its whole length is known. */
const EVENTS = 'text/event-stream';

/**
 * Compresses replies for clients that say they can read it (RFC 9110 §8.4, §12.5.3). `Vary` is on every reply that might have
 * been compressed; a strong ETag becomes a weak one, since other bytes are sent than it stands for. HEAD is answered with the
 * fields that GET would have.
 *
 * Bodies that are here as a whole, up to 64 KB, are compressed at once and sent with their length, unless that makes them no
 * smaller. Of a body whose length nobody has said, nobody knows either when more of it comes: it is compressed from its first
 * byte, however short it turns out to be, and flushed whenever its source pauses.
 */
export function compression(config: CompressionConfig, metrics: CompressionMetrics): Layer {
  const compressor = new Compressor(config, metrics);
  return (next) => (exchange) => {
    const reply = next(exchange);
    return reply instanceof Promise ? reply.then((one) => compressor.treat(one, exchange)) : compressor.treat(reply, exchange);
  };
}

class Compressor {
  private readonly config: CompressionConfig;
  private readonly metrics: CompressionMetrics;
  private readonly isEligible: (reply: Reply) => boolean;
  private readonly encodings: ReadonlyMap<Coding, Encoding>;

  constructor(config: CompressionConfig, metrics: CompressionMetrics) {
    this.config = config;
    this.metrics = metrics;
    this.isEligible = eligibility(config);
    this.encodings = new Map(config.algorithms.map((coding) => [coding, encodingOf(coding, config.levels)]));
  }

  treat(reply: Reply, exchange: Exchange): Reply {
    const { headers, body } = reply;
    if (reply.status === 304) markNotModified(headers, exchange.headers.get('if-none-match'));
    const isHead = exchange.method === 'HEAD';
    const length = isHead && body === undefined ? Number(headers.get('content-length') ?? -1) : lengthOf(reply);
    // First, since it is asked in no time and most replies that are not worth it are small.
    if (length === 0 || (length > 0 && length < this.config.min_bytes)) return reply;
    if (isTunnel(body) || !this.isEligible(reply)) return reply;
    markNegotiated(headers);
    const coding = bestCoding(exchange.headers.get('accept-encoding'), this.config.algorithms);
    const encoding = coding && this.encodings.get(coding);
    if (coding === undefined || encoding === undefined || forbidsTransform(exchange.headers)) return reply;
    if (isHead) dropBody(reply);
    else if (!this.encode(reply, encoding)) return reply;
    else this.metrics.replies(coding).value += 1;
    markCompressed(headers, coding);
    return reply;
  }

  /** @returns false when the body is better left as it is */
  private encode(reply: Reply, encoding: Encoding): boolean {
    const { body, headers } = reply;
    if (isSource(body)) {
      const prompt = body.length < 0 || mediaType(headers) === EVENTS;
      reply.body = new CompressedBody(body, encoding, prompt, this.metrics);
    } else {
      const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : (body as Uint8Array);
      if (bytes.length > MOST_AT_ONCE) reply.body = new CompressedBody(sourceOf(bytes), encoding, false, this.metrics);
      else if (!this.atOnce(reply, bytes, encoding)) return false;
    }
    if (reply.trailers !== undefined) dropDigests(reply.trailers);
    return true;
  }

  private atOnce(reply: Reply, bytes: Uint8Array, encoding: Encoding): boolean {
    const whole = encoding.whole(bytes);
    if (whole.length >= bytes.length) return false;
    this.metrics.into.value += bytes.length;
    this.metrics.out.value += whole.length;
    reply.body = whole.length <= SMALL_BODY ? whole.toString('latin1') : whole;
    return true;
  }
}

function lengthOf({ body }: Reply): number {
  return body === undefined ? 0 : (body as { readonly length: number }).length;
}

/** The length that it would have is only known to who compresses it: none is announced (RFC 9110 §8.6, §9.3.2). */
function dropBody(reply: Reply): void {
  if (isSource(reply.body)) reply.body.cancel();
  reply.body = undefined;
}

/** Bytes that are all here, for whoever takes them in pieces. */
function sourceOf(bytes: Uint8Array): Source {
  return {
    length: bytes.length,
    pipe: (sink) => {
      sink.chunk(bytes);
      sink.end();
    },
    resume: () => {},
    cancel: () => {},
  };
}
