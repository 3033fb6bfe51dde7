import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/**
 * Answers an exchange. Resolves when the reply's head is known; what must happen when its body is done hangs on
 * {@link Exchange.onEnd}. Rejects, or throws, only with a `GatewayError`.
 */
export type Handler = (exchange: Exchange) => Promise<Reply> | Reply;

/** The whole extension story: takes what comes after it, gives what stands in its place. */
export type Layer = (next: Handler) => Handler;
