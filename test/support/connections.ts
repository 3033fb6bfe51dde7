import { connect, createServer, type Server, type Socket } from 'node:net';
import type { GatewayError } from '../../src/http/errors.ts';
import type { Exchange, Outcome } from '../../src/http/exchange.ts';
import { Reply } from '../../src/http/reply.ts';
import { HttpDate } from '../../src/lib/clock.ts';
import { Wheel } from '../../src/lib/wheel.ts';
import { Connection } from '../../src/wire/connection.ts';
import { RequestHeadParser } from '../../src/wire/request-head.ts';
import type { Service } from '../../src/wire/service.ts';
import { eventually } from './channels.ts';
import { ManualClock } from './manual-clock.ts';
import { RawPeer } from './raw-peer.ts';
import { Changes } from './signals.ts';

/** What the wheel may be late. */
export const LATE = 200;

type Serve = (exchange: Exchange, connection: Connection) => void;

/** A listener whose connections are the engine's, and what they serve a test's. Time is the test's too. */
export class ConnectionRig implements Service {
  readonly clock = new ManualClock();
  readonly wheel = new Wheel(this.clock);
  readonly date = new HttpDate(this.clock);
  readonly parser = new RequestHeadParser({ headerBytes: 4096, headerCount: 50, uriBytes: 1024 });
  readonly timeouts = { header: 1000, body: 2000, keep_alive: 3000 };
  draining = false;
  readonly connections: Connection[] = [];
  readonly exchanges: Exchange[] = [];
  readonly outcomes: Outcome[] = [];
  readonly faults: unknown[] = [];
  closes = 0;
  /** Answers a request. Unless a test says otherwise: `200` and the target as body. */
  onServe: Serve = (exchange, connection) => connection.reply(exchange, new Reply(200, undefined, exchange.target));
  private readonly server: Server;
  private readonly clients: RawPeer[] = [];
  private readonly changes = new Changes();
  private port = 0;

  private constructor() {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      this.connections.push(new Connection(socket, { address: '192.0.2.1', port: 1, trusted: false }, this, false));
      this.changes.changed();
    });
  }

  static async open(): Promise<ConnectionRig> {
    const rig = new ConnectionRig();
    await new Promise<void>((resolve) => rig.server.listen(0, '127.0.0.1', resolve));
    rig.port = (rig.server.address() as { port: number }).port;
    return rig;
  }

  /** A client, once the gateway's side of it stands. */
  async connect(...texts: string[]): Promise<RawPeer> {
    const count = this.connections.length;
    const client = new RawPeer(connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true }));
    this.clients.push(client);
    client.send(...texts);
    await this.until(() => this.connections.length > count, 'a connection');
    return client;
  }

  until(holds: () => boolean, what: string): Promise<void> {
    return eventually(this.changes, holds, what);
  }

  async exchange(count = 1): Promise<Exchange> {
    await this.until(() => this.exchanges.length >= count, 'an exchange');
    return this.exchanges[count - 1] as Exchange;
  }

  async outcome(count = 1): Promise<Outcome> {
    await this.until(() => this.outcomes.length >= count, 'the end of an exchange');
    return this.outcomes[count - 1] as Outcome;
  }

  closedAll(): Promise<void> {
    return this.until(() => this.closes === this.connections.length, 'connections to close');
  }

  serve(exchange: Exchange, connection: Connection): void {
    this.begin(exchange);
    // What server/serve.ts does with a cancel.
    exchange.onCancel((error) => {
      if (error.code === 'client_gone') return;
      if (connection.awaits(exchange)) connection.reply(exchange, new Reply(error.status, undefined, error.code));
      else connection.cut(exchange, error);
    });
    this.onServe(exchange, connection);
    this.changes.changed();
  }

  fail(exchange: Exchange, connection: Connection, error: GatewayError): void {
    this.begin(exchange);
    connection.reply(exchange, new Reply(error.status, undefined, error.code));
    this.changes.changed();
  }

  private begin(exchange: Exchange): void {
    this.exchanges.push(exchange);
    exchange.onEnd((outcome) => {
      this.outcomes.push(outcome);
      this.changes.changed();
    });
  }

  failed(connection: Connection, thrown: unknown): void {
    this.faults.push(thrown);
    connection.destroy();
  }

  closed(): void {
    this.closes += 1;
    this.changes.changed();
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.socket.destroy();
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export const get = (target: string, ...fields: string[]): string =>
  `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

export const post = (target: string, length: number, body = ''): string =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n${body}`;
