import { type BlockList, createServer, type Server, type Socket } from 'node:net';
import { type Address, formatAddress } from '../lib/address.ts';
import { Connection } from '../wire/connection.ts';
import type { Serving } from './serve.ts';

export interface ListenerParts {
  readonly serving: Serving;
  readonly trusted: BlockList;
  /** Open connections of all listeners together, which one limit holds for. */
  readonly connections: Set<Connection>;
  readonly limit: number;
}

/** Accepts connections on one address. Each belongs to the listener until it has closed. */
export class Listener {
  private readonly server: Server;

  constructor({ serving, trusted, connections, limit }: ListenerParts) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
      if (connections.size >= limit) {
        socket.destroy();
        return;
      }
      const address = socket.remoteAddress;
      // Gone between the handshake and here.
      if (address === undefined) {
        socket.destroy();
        return;
      }
      const peer = { address: plain(address), port: socket.remotePort ?? 0, trusted: isTrusted(trusted, plain(address)) };
      connections.add(new Connection(socket, peer, serving, false));
    });
  }

  /** @returns the address it is bound to */
  async listen({ host, port }: Address): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, backlog: 4096 }, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP address');
    return formatAddress({ host: bound.address, port: bound.port });
  }

  /** Stops accepting; open connections go on. */
  stop(): void {
    if (this.server.listening) this.server.close();
  }
}

/** IPv4 addresses look like IPv4 on a socket that takes both kinds. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

function isTrusted(list: BlockList, address: string): boolean {
  return list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
