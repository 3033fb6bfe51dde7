import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A way to a server that can be cut, as a network is: nothing arrives any more, and nobody is told. */
export class Cable {
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private isCut = false;

  private constructor(port: number) {
    this.server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      const pair = [near, far] as const;
      this.pairs.add(pair);
      const end = () => {
        this.pairs.delete(pair);
        near.destroy();
        far.destroy();
      };
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.setNoDelay(true);
        from.on('data', (bytes) => {
          if (!this.isCut) to.write(bytes);
        });
        from.on('error', end).on('close', () => {
          if (!this.isCut) end();
        });
      }
    });
    onTestFinished(() => {
      this.server.close();
      for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    });
  }

  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port);
    cable.server.listen(0, '127.0.0.1');
    await once(cable.server, 'listening');
    return cable;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What is under way is lost. New connections are taken, and hear nothing. */
  cut(): void {
    this.isCut = true;
  }

  /** Connections of before stay dead: what they have lost would never come. */
  mend(): void {
    this.isCut = false;
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.pairs.clear();
  }
}
