import { type Lease, Pool, type PoolLimits } from '../../src/upstream/pool.ts';
import type { DialOptions } from '../../src/wire/dial.ts';
import { bodyOf, Caller, dialing, requestOf, soon, toolsOf } from './channels.ts';
import type { RawPeer } from './raw-peer.ts';
import { RawServer } from './raw-server.ts';

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const LIMITS: PoolLimits = { maxConnections: 0, maxIdle: 10, idleTimeout: 30_000, queue: 2, queueTimeout: 1000 };

export interface Sent {
  readonly caller: Caller;
  readonly lease: Lease;
}

/** A pool of connections to a server whose bytes are the test's. */
export class PoolRig {
  readonly server: RawServer;
  readonly tools = toolsOf();
  readonly clock = this.tools.clock;
  readonly pool: Pool;

  private constructor(server: RawServer, limits: Partial<PoolLimits>, options: DialOptions) {
    this.server = server;
    this.pool = new Pool(options, this.tools, { ...LIMITS, ...limits });
  }

  /** @param port the server's own unless given */
  static async open(limits: Partial<PoolLimits> = {}, port?: number, options: Partial<DialOptions> = {}): Promise<PoolRig> {
    const server = await RawServer.open();
    return new PoolRig(server, limits, dialing(port ?? server.port, options));
  }

  send(path = '/', fresh = false): Sent {
    const caller = new Caller();
    return { caller, lease: this.pool.send(requestOf({ head: `GET ${path} HTTP/1.1\r\nHost: a\r\n` }), caller, fresh) };
  }

  /** The server's side of the connection that this request came on. */
  async peerOf(path: string): Promise<RawPeer> {
    const found = () => this.server.peers.find((one) => one.text.includes(` ${path} `));
    await soon(() => found() !== undefined);
    return found() as RawPeer;
  }

  async answer(path: string, { caller }: Sent, reply = OK): Promise<RawPeer> {
    const peer = await this.peerOf(path);
    peer.send(reply);
    await bodyOf(await caller.reply());
    return peer;
  }

  /** Sends so many requests at once and has them answered in this order: that many connections are idle then. */
  async warm(count: number): Promise<RawPeer[]> {
    const sent = Array.from({ length: count }, (_, at) => this.send(`/warm${at}`));
    const peers: RawPeer[] = [];
    for (const [at, one] of sent.entries()) peers.push(await this.answer(`/warm${at}`, one));
    return peers;
  }

  async close(): Promise<void> {
    this.pool.close();
    await this.server.close();
  }
}
