import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { turn } from './pieces.ts';
import { allowedTrailers, endToEnd, type Seen, type SeenMessage, written } from './seen.ts';

/** The client left, in the middle of a message or not; or it went on after a message that said it was the last. */
const NOT_REFUSED = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE', 'HPE_CLOSED_CONNECTION']);

interface Record {
  readonly seen: Seen;
  readonly over: (seen: Seen) => void;
}

/** An absolute target as the path that it names (RFC 9112 §3.2.2); node hands on the text. */
function pathOf(url: string, method: string): string {
  const rest = /^https?:\/\/[^/?]*(.*)$/is.exec(url)?.[1];
  if (rest === undefined) return url;
  return rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`;
}

/** node:http's server as an oracle: the same story as `our-server.ts` tells. */
export class NodeServer {
  private readonly server: Server;
  private readonly records = new Map<Socket, Record>();
  private readonly waiting: ((seen: Seen) => void)[] = [];

  constructor() {
    this.server = createServer({
      keepAliveTimeout: 0,
      headersTimeout: 0,
      requestTimeout: 0,
      highWaterMark: 1 << 20,
      requireHostHeader: false,
    });
    this.server.on('connection', (socket: Socket) => {
      const over = this.waiting.shift();
      if (over === undefined) throw new Error('a connection that nobody announced');
      const record = { seen: { messages: [], refusal: undefined }, over };
      this.records.set(socket, record);
      socket.on('close', () => over(record.seen));
    });
    this.server.on('request', (request, response) => this.request(request, response));
    this.server.on('checkContinue', (request, response) => {
      response.writeContinue();
      this.request(request, response);
    });
    this.server.on('checkExpectation', (request, response) => this.request(request, response));
    this.server.on('connect', (request: IncomingMessage, socket: Socket) => {
      this.refuse(socket, 'CONNECT', request.url ?? '');
      socket.destroy();
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException & { reason?: string }, socket: Socket) => {
      if (!NOT_REFUSED.has(error.code ?? '')) this.refuse(socket, error.code ?? '', error.reason ?? '');
      // The requests before it are read in turns that are still to come.
      void turn().then(() => socket.destroy());
    });
  }

  private refuse(socket: Socket, code: string, detail: string): void {
    const record = this.records.get(socket);
    if (record !== undefined) record.seen.refusal ??= { code, detail };
  }

  private request(request: IncomingMessage, response: ServerResponse): void {
    const record = this.records.get(request.socket);
    const message: SeenMessage = {
      line: `${request.method} ${pathOf(request.url ?? '', request.method ?? '')} ${request.httpVersion}`,
      fields: endToEnd(request.rawHeaders),
      all: written(request.rawHeaders),
      body: '',
      trailers: [],
      whole: false,
    };
    record?.seen.messages.push(message);
    request.on('data', (bytes: Buffer) => {
      message.body += bytes.toString('latin1');
    });
    request.on('error', () => {});
    request.on('end', () => {
      message.whole = request.complete;
      message.trailers = allowedTrailers(request.rawTrailers);
      response.setHeader('Content-Length', 2).end('ok');
    });
  }

  expect(): Promise<Seen> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  listen(): Promise<Server> {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server)));
  }
}
