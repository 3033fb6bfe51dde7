import type { Source } from '../http/body.ts';
import type { GatewayError } from '../http/errors.ts';
import type { Headers } from '../http/headers.ts';
import type { Reply } from '../http/reply.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { Channel } from './channel.ts';
import type { ReadBuffers } from './read-buffer.ts';
import type { ReplyHeadParser } from './reply-head.ts';

/** What all channels of an instance share. */
export interface ChannelTools {
  readonly wheel: Wheel;
  readonly parser: ReplyHeadParser;
  readonly buffers: ReadBuffers;
}

/** A request as a channel sends it. */
export interface ChannelRequest {
  /** Request line and fields, complete but for the framing of a body of unknown length and the empty line. */
  readonly head: string;
  readonly isHead: boolean;
  readonly upgrade: string | undefined;
  readonly body: Source;
}

/** Who sent a request. Exactly one of `replied` and `failed` is called. */
export interface ChannelUser {
  informed(status: number, headers: Headers): void;
  replied(reply: Reply): void;
  /** @param unanswered not one byte of a reply came, on a connection that had served before */
  failed(error: GatewayError, unanswered: boolean): void;
}

/** Who keeps channels. */
export interface ChannelKeeper {
  /** It can take another request. */
  free(channel: Channel): void;
  closed(channel: Channel): void;
}
