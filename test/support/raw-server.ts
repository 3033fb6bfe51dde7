import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { CERTIFICATE, PRIVATE_KEY } from '../config/certificate.ts';
import { RawPeer } from './raw-peer.ts';
import { Changes } from './signals.ts';

/** Listens on a port of its own, and hands each connection to the test. */
export class RawServer {
  readonly peers: RawPeer[] = [];
  /** Called with each connection, before anything has come. */
  onPeer: ((peer: RawPeer) => void) | undefined;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly changes = new Changes();
  private taken = 0;
  port = 0;

  private constructor(tls: TlsOptions | undefined) {
    const accept = (socket: Socket) => this.accept(socket);
    this.server =
      tls === undefined
        ? createServer({ allowHalfOpen: true }, accept)
        : createTlsServer({ cert: CERTIFICATE, key: PRIVATE_KEY, allowHalfOpen: true, ...tls }, accept);
    // Handshakes that fail have a socket too.
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
    });
  }

  /**
   * @param tls speaks TLS, with the certificate for users.internal
   * @param port 0: one that is free
   */
  static async open(tls?: TlsOptions, host = '127.0.0.1', port = 0): Promise<RawServer> {
    const raw = new RawServer(tls);
    await new Promise<void>((resolve) => raw.server.listen(port, host, resolve));
    raw.port = (raw.server.address() as { port: number }).port;
    return raw;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    const peer = new RawPeer(socket);
    this.peers.push(peer);
    this.onPeer?.(peer);
    this.changes.changed();
  }

  /** The next connection that was not asked for yet, as soon as it is there. */
  async next(): Promise<RawPeer> {
    const at = this.taken++;
    if (!(await this.changes.until(() => this.peers.length > at, 5000))) throw new Error('nobody has connected');
    return this.peers[at] as RawPeer;
  }

  async close(): Promise<void> {
    // A test may get here from inside a handshake: OpenSSL does not survive that its socket goes away in its own callback.
    await new Promise((resolve) => setImmediate(resolve));
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A port where nobody listens: not one that was just in use, which the system may give to the next who asks for any. */
export async function closedPort(): Promise<number> {
  for (;;) {
    const port = NEVER_GIVEN + Math.floor(Math.random() * (65_536 - NEVER_GIVEN));
    const socket = connect(port, '127.0.0.1');
    const refused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    socket.destroy();
    if (refused) return port;
  }
}

/** Linux gives ports up to 60999 to those who ask for any. */
const NEVER_GIVEN = 61_000;
