import { createServer, type Server, type Socket } from 'node:net';
import { type Address, formatAddress } from '../lib/address.ts';

/** Accepts connections on one address. */
export class Listener {
  private readonly server: Server;
  private readonly failed: (error: Error) => void;
  private stopped = false;

  /**
   * @param accept takes over each socket that was accepted
   * @param failed told of errors of the listening socket, such as a kernel without memory for one more connection
   */
  constructor(accept: (socket: Socket) => void, failed: (error: Error) => void) {
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    this.failed = failed;
  }

  /** @returns the address it is bound to. @throws also when it was stopped meanwhile: a name takes time to be resolved */
  async listen({ host, port }: Address): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, backlog: 4096 }, () => {
        this.server.off('error', reject);
        // Only now: why it cannot listen is the caller's to tell. Without a listener a connection that could not be
        // accepted would end the process.
        this.server.on('error', this.failed);
        resolve();
      });
    });
    if (this.stopped) this.server.close();
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not a TCP address');
    return formatAddress({ host: bound.address, port: bound.port });
  }

  /** Stops accepting; open connections go on. */
  stop(): void {
    this.stopped = true;
    if (this.server.listening) this.server.close();
  }
}
