import type { Headers } from '../../http/headers.ts';
import { addVary } from '../../http/vary.ts';
import type { Coding } from './config.ts';

/**
 * Sums over the bytes as they would have been sent uncompressed: Content-Digest and Repr-Digest (RFC 9530), and the older two
 * that they took the place of. `Unencoded-Digest` is over the content itself and stays true.
 */
const DIGESTS = ['content-digest', 'repr-digest', 'digest', 'content-md5'] as const;

/** Whether a reply is compressed was up to what its request accepts: caches must know, whichever way it went. */
export function markNegotiated(headers: Headers): void {
  addVary(headers, ['Accept-Encoding']);
}

/** Makes the fields say what is true of the compressed body. The length is for whoever knows it to add. */
export function markCompressed(headers: Headers, coding: Coding): void {
  headers.set('Content-Encoding', coding);
  headers.remove('content-length');
  // Ranges are of the bytes that are sent, and those are made anew each time.
  headers.remove('accept-ranges');
  dropDigests(headers);
  // A strong tag stands for the bytes (RFC 9110 §8.8.1), and these are others.
  const tag = headers.get('etag');
  if (isStrong(tag)) headers.set('ETag', `W/${tag}`);
}

export function dropDigests(headers: Headers): void {
  for (const name of DIGESTS) headers.remove(name);
}

/**
 * A 304 about a reply that went out compressed: it names the tag under which the client keeps it, or the client could not tell
 * what is fresh (RFC 9111 §4.3.4).
 * @param held the `If-None-Match` of the request
 */
export function markNotModified(headers: Headers, held: string | undefined): void {
  const tag = headers.get('etag');
  if (!isStrong(tag) || held === undefined || !held.includes(`W/${tag}`)) return;
  headers.set('ETag', `W/${tag}`);
  markNegotiated(headers);
}

function isStrong(tag: string | undefined): tag is string {
  return tag?.startsWith('"') === true;
}
