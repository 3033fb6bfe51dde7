import { createServer, type Server, type Socket } from 'node:net';
import type { GatewayError } from '../../../src/http/errors.ts';
import type { Exchange } from '../../../src/http/exchange.ts';
import { Headers } from '../../../src/http/headers.ts';
import { Reply } from '../../../src/http/reply.ts';
import { type Clock, HttpDate } from '../../../src/lib/clock.ts';
import { Wheel } from '../../../src/lib/wheel.ts';
import { Connection } from '../../../src/wire/connection.ts';
import { RequestHeadParser } from '../../../src/wire/request-head.ts';
import type { Service } from '../../../src/wire/service.ts';
import { type Seen, type SeenMessage, written } from './seen.ts';

/** Nothing times out here: what an engine makes of bytes is not a question of when. */
const NEVER: Clock = { now: () => 0, wall: () => 0, after: () => () => {}, every: () => () => {} };

/** Says what it has seen of each request, and answers it with 200 when all of its body is here. */
class Recorder implements Service {
  readonly wheel = new Wheel(NEVER);
  readonly date = new HttpDate(NEVER);
  readonly parser = new RequestHeadParser({ headerBytes: 12 * 1024, headerCount: 100, uriBytes: 2048 });
  readonly timeouts = { header: 0, body: 0, keep_alive: 0 };
  readonly draining = false;
  readonly seen: Seen = { messages: [], refusal: undefined };
  private readonly slow: boolean;
  private readonly over: (seen: Seen) => void;

  /** @param slow take one piece of a body a turn, and answer a turn later */
  constructor(slow: boolean, over: (seen: Seen) => void) {
    this.slow = slow;
    this.over = over;
  }

  serve(exchange: Exchange, connection: Connection): void {
    const message: SeenMessage = {
      line: `${exchange.method} ${exchange.target} 1.${exchange.minor}`,
      fields: written(exchange.headers.flat()),
      all: [],
      body: '',
      trailers: [],
      whole: false,
    };
    this.seen.messages.push(message);
    exchange.onCancel((error) => this.refused(error));
    const { body } = exchange;
    body.pipe({
      chunk: (bytes) => {
        message.body += Buffer.from(bytes).toString('latin1');
        if (this.slow) setImmediate(() => body.resume());
        return !this.slow;
      },
      end: (trailers) => {
        message.whole = true;
        message.trailers = written(trailers?.flat() ?? []);
        const answer = (): void => connection.reply(exchange, new Reply(200, new Headers(), 'ok'));
        if (this.slow) setImmediate(answer);
        else answer();
      },
      fail: () => connection.reply(exchange, new Reply(400)),
    });
  }

  fail(exchange: Exchange, connection: Connection, error: GatewayError): void {
    this.refused(error);
    // The connection could serve another request; node's has no word for this one, so both stories end here.
    connection.reply(exchange, new Reply(error.status));
    connection.destroy();
  }

  refuse(error: GatewayError): Reply {
    this.refused(error);
    return new Reply(error.status);
  }

  private refused(error: GatewayError): void {
    if (error.code !== 'client_gone') this.seen.refusal ??= { code: error.code, detail: error.detail ?? '' };
  }

  failed(connection: Connection, thrown: unknown): void {
    this.seen.refusal = { code: 'internal', detail: String(thrown) };
    connection.destroy();
  }

  closed(): void {
    this.over(this.seen);
  }
}

/** Accepts connections, and has what was seen on each given to whoever opened it. */
export class OurServer {
  private readonly server: Server;
  private readonly waiting: { slow: boolean; over: (seen: Seen) => void }[] = [];

  constructor() {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      const next = this.waiting.shift();
      if (next === undefined) throw new Error('a connection that nobody announced');
      const peer = { address: '127.0.0.1', port: 1, trusted: false };
      new Connection(socket, peer, new Recorder(next.slow, next.over), false);
    });
  }

  /** What will have been seen on the connection that is opened next. */
  expect(slow: boolean): Promise<Seen> {
    return new Promise((resolve) => this.waiting.push({ slow, over: resolve }));
  }

  listen(): Promise<Server> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server)));
  }
}
