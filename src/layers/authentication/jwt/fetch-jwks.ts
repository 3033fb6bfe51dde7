import type { Clock } from '../../../lib/clock.ts';
import { thrownText } from '../../../lib/thrown.ts';

/** Bytes. A set of keys is a few kilobytes. */
const MOST_BYTES = 512 * 1024;

/** Why there are no keys; `connect` is everything below HTTP. */
export const FETCH_FAILURES = ['timeout', 'connect', 'status', 'too_large', 'malformed'] as const;
export type FetchFailure = (typeof FETCH_FAILURES)[number];

/** Why a fetch failed, for metrics and in words. */
export class FetchFailed extends Error {
  readonly failure: FetchFailure;

  constructor(failure: FetchFailure, reason: string) {
    super(reason);
    this.failure = failure;
  }
}

/**
 * Gets the text at a URL, once. Redirects are not followed: where keys come from decides whom the gateway believes, and that
 * is for its configuration to say.
 * @param timeoutMs for connection, head and body together
 * @param signal gives up
 * @throws FetchFailed, and nothing else
 */
export async function fetchJwks(uri: string, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<string> {
  const { Client, errors } = await import('undici');
  const url = new URL(uri);
  const timeout = new AbortController();
  const stop = clock.after(timeoutMs, () => timeout.abort());
  const client = new Client(url.origin, { maxResponseSize: MOST_BYTES, headersTimeout: 0, bodyTimeout: 0 });
  try {
    const { statusCode, headers, body } = await client.request({
      method: 'GET',
      path: url.pathname + url.search,
      headers: {
        'user-agent': 'sluice',
        accept: 'application/jwk-set+json, application/json;q=0.9',
        'accept-encoding': 'identity',
      },
      signal: AbortSignal.any([timeout.signal, signal]),
    });
    if (statusCode === 200) return await body.text();
    body.on('error', () => {}).destroy();
    const place = headers['location'] === undefined ? '' : ': redirects are not followed';
    throw new FetchFailed('status', `status ${statusCode}${place}`);
  } catch (error) {
    if (error instanceof FetchFailed) throw error;
    if (timeout.signal.aborted) throw new FetchFailed('timeout', `no reply within ${timeoutMs} ms`);
    if (error instanceof errors.ResponseExceededMaxSizeError) throw new FetchFailed('too_large', `more than ${MOST_BYTES} bytes`);
    throw new FetchFailed('connect', thrownText(error));
  } finally {
    stop();
    client.destroy().catch(() => {});
  }
}
