import type { Exchange } from '../../src/http/exchange.ts';
import type { Reply } from '../../src/http/reply.ts';
import type { Transport } from '../../src/upstream/transport.ts';
import type { DialOptions } from '../../src/wire/dial.ts';
import { arrived } from './arrived.ts';
import { bodyOf, dialing, soon, turns } from './channels.ts';
import { type Asking, exchangeOf } from './exchanges.ts';
import type { ManualSource } from './manual-source.ts';
import type { RawPeer } from './raw-peer.ts';
import { RawServer } from './raw-server.ts';

/** A transport under test, and how time passes for it. */
export interface Engine {
  readonly transport: Transport;
  elapse(ms: number): Promise<void>;
}

export type OpenEngine = (options: DialOptions, authority: string) => Engine;

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const TIMES = { connectTimeout: 600, readTimeout: 600 };

interface Asked {
  readonly exchange: Exchange;
  readonly reply: Promise<Reply>;
}

/** A transport and the server it sends to, whose bytes are the test's. */
export class TransportRig {
  readonly server: RawServer;
  engine: Engine;
  private readonly open: OpenEngine;
  private readonly opened: Engine[] = [];

  private constructor(server: RawServer, open: OpenEngine) {
    this.server = server;
    this.open = open;
    this.engine = this.openTo(server.port);
  }

  static async open(open: OpenEngine): Promise<TransportRig> {
    return new TransportRig(await RawServer.open(), open);
  }

  openTo(port: number, options: Partial<DialOptions> = {}): Engine {
    const one = this.open(dialing(port, { ...TIMES, ...options }), `127.0.0.1:${port}`);
    this.opened.push(one);
    return one;
  }

  start(asking: Asking = {}): Asked {
    const exchange = exchangeOf({ headers: arrived('Host: a'), ...asking });
    const reply = this.engine.transport.send(exchange);
    // Looked at by the test, if at all, later than it may reject.
    reply.catch(() => {});
    return { exchange, reply };
  }

  /** Sends a request, and waits until the server has its head. */
  async ask(asking: Asking = {}): Promise<Asked & { readonly peer: RawPeer }> {
    const sent = this.start(asking);
    const peer = await this.server.next();
    await peer.until('\r\n\r\n');
    return { ...sent, peer };
  }

  /** Sends a request and, once its engine asks for it, the first bytes of its body. */
  async upload(body: ManualSource, asking: Asking = {}): Promise<Asked & { readonly peer: RawPeer }> {
    const sent = this.start({ method: 'POST', body, ...asking });
    await soon(() => body.sink !== undefined);
    body.send('hello');
    const peer = await this.server.next();
    await peer.until('hello');
    return { ...sent, peer };
  }

  /** Sends a further request and has it answered on the same connection. */
  async askAgain(peer: RawPeer, path: string): Promise<string> {
    // An engine may need a moment to see that its connection is free.
    await turns(3);
    const sent = this.start({ target: path });
    await peer.until(` ${path} `);
    peer.send(OK);
    return bodyOf(await sent.reply);
  }

  async close(): Promise<void> {
    for (const one of this.opened) one.transport.close();
    await this.server.close();
  }
}
