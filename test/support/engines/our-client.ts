import { EMPTY } from '../../../src/http/body.ts';
import type { GatewayError } from '../../../src/http/errors.ts';
import { isSource, isTunnel, type Reply } from '../../../src/http/reply.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { Channel } from '../../../src/wire/channel.ts';
import type { ChannelTools } from '../../../src/wire/channel-ports.ts';
import { ReadBuffers } from '../../../src/wire/read-buffer.ts';
import { ReplyHeadParser } from '../../../src/wire/reply-head.ts';
import { type Asking, messageOf } from './asking.ts';
import { type Seen, type SeenMessage, written } from './seen.ts';

const NEVER: Clock = { now: () => 0, wall: () => 0, after: () => () => {}, every: () => () => {} };
const TOOLS: ChannelTools = {
  wheel: new Wheel(NEVER),
  parser: new ReplyHeadParser({ headerBytes: 64 * 1024, headerCount: 256 }),
  buffers: new ReadBuffers(),
};
const DIALING = { host: '127.0.0.1', connectTimeout: 0, readTimeout: 0, writeTimeout: 0, keepAlive: undefined, tls: undefined };

/** Asks through a channel. @param slow take one piece of a body a turn */
export function askOurs({ port, method, path }: Asking, slow: boolean): Promise<Seen> {
  const seen: Seen = { messages: [], refusal: undefined };
  return new Promise((resolve) => {
    const refused = (error: Error): void => {
      const { code, cause } = error as GatewayError;
      if (code !== 'upstream_reset') seen.refusal = { code, detail: cause instanceof Error ? cause.message : '' };
      resolve(seen);
    };
    const over = (message: SeenMessage, trailers: string[]): void => {
      message.whole = true;
      message.trailers = trailers;
      resolve(seen);
    };
    const read = (message: SeenMessage, { body }: Reply): void => {
      if (isTunnel(body)) body.fromUpstream.cancel();
      if (!isSource(body)) {
        if (typeof body === 'string') message.body = body;
        else if (body instanceof Uint8Array) message.body = Buffer.from(body).toString('latin1');
        over(message, []);
        return;
      }
      body.pipe({
        chunk: (bytes) => {
          message.body += Buffer.from(bytes).toString('latin1');
          if (slow) setImmediate(() => body.resume());
          return !slow;
        },
        end: (trailers) => over(message, written(trailers?.flat() ?? [])),
        fail: refused,
      });
    };
    const keeper = { free: (one: Channel) => one.close(), closed: () => {} };
    const channel = new Channel({ ...DIALING, port }, TOOLS, keeper);
    const head = `${method} ${path} HTTP/1.1\r\nHost: a.example\r\n`;
    channel.send(
      { head, isHead: method === 'HEAD', upgrade: undefined, body: EMPTY },
      {
        informed: (status, headers) => {
          seen.messages.push({ ...messageOf(status, written(headers.flat()), []), whole: true });
        },
        replied: (reply) => {
          // The last field is the gateway's own.
          const message = messageOf(reply.status, written(reply.headers.flat()).slice(0, -1), []);
          seen.messages.push(message);
          if (slow) setImmediate(() => read(message, reply));
          else read(message, reply);
        },
        failed: refused,
      },
    );
  });
}
