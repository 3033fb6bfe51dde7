import type { Source, Tunnel } from './body.ts';
import { Headers } from './headers.ts';

/**
 * A body: nothing; a whole small one of one-byte characters (at most 16 KB), which leaves in one write with the head;
 * bytes; a stream; or, with status 101, a tunnel.
 */
export type ReplyBody = undefined | string | Uint8Array | Source | Tunnel;

export class Reply {
  status: number;
  headers: Headers;
  body: ReplyBody;
  /** Fields after the body, when they are known before it is written. A {@link Source} brings its own. */
  trailers: Headers | undefined;

  constructor(status: number, headers: Headers = new Headers(), body: ReplyBody = undefined) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.trailers = undefined;
  }
}

export function isTunnel(body: ReplyBody): body is Tunnel {
  return typeof body === 'object' && 'toUpstream' in body;
}

export function isSource(body: ReplyBody): body is Source {
  return typeof body === 'object' && 'pipe' in body;
}
