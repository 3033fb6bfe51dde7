import { bestCoding } from '../../http/accept-encoding.ts';
import type { Source } from '../../http/body.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Headers } from '../../http/headers.ts';
import type { Layer } from '../../http/layer.ts';
import { isSource, isTunnel, type Reply } from '../../http/reply.ts';
import { addVary } from '../../http/vary.ts';
import { CompressedBody } from './compressed-body.ts';
import type { Coding, CompressionConfig } from './config.ts';
import { eligibility, mediaType } from './eligible.ts';
import { ENCODINGS } from './encoders.ts';
import type { CompressionMetrics } from './metrics.ts';

/** Bodies that are here as a whole and no larger are compressed at once: cheaper than to ask a thread. */
const MOST_AT_ONCE = 64 * 1024;
/** What is sent as it happens: nothing of it may wait in an encoder. */
const EVENTS = 'text/event-stream';

/**
 * Compresses replies for clients that say they can read it (RFC 9110 §8.4, §12.5.3). `Vary` is on every reply that might have
 * been compressed; a strong ETag becomes a weak one, since other bytes are sent than it stands for. HEAD is answered with the
 * fields that GET would have.
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

  constructor(config: CompressionConfig, metrics: CompressionMetrics) {
    this.config = config;
    this.metrics = metrics;
    this.isEligible = eligibility(config);
  }

  treat(reply: Reply, exchange: Exchange): Reply {
    if (isTunnel(reply.body) || !this.isEligible(reply)) return reply;
    const isHead = exchange.method === 'HEAD';
    const length = isHead ? Number(reply.headers.get('content-length') ?? -1) : lengthOf(reply);
    if (length >= 0 && length < this.config.min_bytes) return reply;
    addVary(reply.headers, ['Accept-Encoding']);
    const coding = bestCoding(exchange.headers.get('accept-encoding'), this.config.algorithms);
    if (coding === undefined || (!isHead && !this.encode(reply, coding))) return reply;
    if (!isHead) this.metrics.replies(coding).value += 1;
    mark(reply.headers, coding);
    return reply;
  }

  /** @returns false when the body is better left as it is */
  private encode(reply: Reply, coding: Coding): boolean {
    const { body } = reply;
    if (typeof body === 'string') return this.atOnce(reply, Buffer.from(body, 'latin1'), coding);
    if (body instanceof Uint8Array) return body.length <= MOST_AT_ONCE && this.atOnce(reply, body, coding);
    if (body === undefined || !isSource(body)) return false;
    reply.body = this.streamed(body, coding, mediaType(reply.headers) === EVENTS);
    return true;
  }

  private atOnce(reply: Reply, bytes: Uint8Array, coding: Coding): boolean {
    const compressed = ENCODINGS[coding].whole(bytes);
    if (compressed.length >= bytes.length) return false;
    this.metrics.into.value += bytes.length;
    this.metrics.out.value += compressed.length;
    reply.body = compressed;
    return true;
  }

  private streamed(body: Source, coding: Coding, isEvents: boolean): Source {
    const { stream, flush } = ENCODINGS[coding];
    const { into, out } = this.metrics;
    // Of a body whose length nobody has said, nobody knows either when more of it comes.
    const flushing = isEvents || body.length < 0 ? flush : undefined;
    return new CompressedBody(body, stream(), flushing, { into: (bytes) => into.add(bytes), out: (bytes) => out.add(bytes) });
  }
}

function lengthOf({ body }: Reply): number {
  if (body === undefined) return 0;
  return (body as { readonly length: number }).length;
}

function mark(headers: Headers, coding: Coding): void {
  headers.set('Content-Encoding', coding);
  headers.remove('content-length');
  // Ranges are of the bytes that are sent, and those are made anew each time.
  headers.remove('accept-ranges');
  for (const name of ['content-md5', 'digest', 'content-digest', 'repr-digest']) headers.remove(name);
  const tag = headers.get('etag');
  if (tag?.startsWith('"')) headers.set('ETag', `W/${tag}`);
}
