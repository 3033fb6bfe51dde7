import { type Address, formatAddress } from '../lib/address.ts';
import type { ServerConfig } from './config.ts';
import { Entrance } from './entrance.ts';
import { Listener } from './listener.ts';
import { Serving, type ServingParts } from './serve.ts';
import { Terminator } from './terminator.ts';

/** Everything that faces clients: the listeners, their connections, and how all of it comes to an end. */
export class HttpServer {
  private readonly serving: Serving;
  private readonly entrance: Entrance;
  /** Undefined: TLS is spoken nowhere, and will not be. */
  private readonly terminator: Terminator | undefined;
  private readonly logger: ServingParts['logger'];
  /** Where to listen, and whether TLS is spoken there. */
  private readonly wanted: readonly { readonly address: Address; readonly secure: boolean }[];
  private readonly listeners: Listener[] = [];
  private drainTimeout: number;
  private stopped = false;
  /** Where it listens. */
  readonly addresses: string[] = [];
  /** Where it listens for TLS. */
  readonly secureAddresses: string[] = [];

  constructor(config: ServerConfig, parts: ServingParts) {
    this.wanted = [
      ...config.http_addr.map((address) => ({ address, secure: false })),
      ...config.https_addr.map((address) => ({ address, secure: true })),
    ];
    this.logger = parts.logger;
    this.drainTimeout = config.timeouts.drain;
    this.serving = new Serving(config, parts, (connection) => this.entrance.left(connection));
    const { logger, metrics, wheel } = parts;
    if (config.https_addr.length > 0)
      this.terminator = new Terminator(config.tls, { clock: wheel.clock, logger, metrics: metrics.tls });
    this.entrance = new Entrance(config, this.serving, parts, this.terminator);
  }

  /** Connections that are served, or say who they are. */
  get open(): number {
    return this.entrance.open;
  }

  get draining(): boolean {
    return this.serving.draining;
  }

  /**
   * Takes up new settings for the requests that begin from now on, and touches no connection. `http_addr`,
   * `https_addr`, `proxy_protocol` and `workers` stay what they were at the start; a drain that goes on keeps its time.
   */
  apply(config: ServerConfig): void {
    // First: should it throw, nothing has changed.
    this.terminator?.apply(config.tls);
    this.drainTimeout = config.timeouts.drain;
    this.serving.apply(config);
    this.entrance.apply(config);
  }

  /** Listens on every address, or on none. */
  async listen(): Promise<void> {
    try {
      for (const { address, secure } of this.wanted) {
        if (this.stopped) throw new Error('the server is closed');
        const listener = new Listener(
          (socket) => this.entrance.accept(socket, secure),
          (error) => this.logger.error({ err: error }, 'a connection could not be accepted'),
        );
        this.listeners.push(listener);
        const bound = secure ? this.secureAddresses : this.addresses;
        bound.push(
          await listener.listen(address).catch((cause: unknown) => {
            throw new Error(`cannot listen on ${formatAddress(address)}`, { cause });
          }),
        );
      }
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  /** Stops accepting. */
  stop(): void {
    this.stopped = true;
    for (const listener of this.listeners) listener.stop();
  }

  /**
   * Stops accepting, lets each connection finish the exchange it is in, and resolves when all have closed.
   * @returns false when `timeouts.drain` was over first; those that were left have been cut
   */
  async drain(): Promise<boolean> {
    const { serving, entrance } = this;
    serving.draining = true;
    this.stop();
    entrance.drain();
    if (entrance.open === 0) return true;
    return new Promise((resolve) => {
      const off = serving.wheel.clock.after(this.drainTimeout, () => {
        entrance.emptied = undefined;
        entrance.cut();
        resolve(false);
      });
      entrance.emptied = () => {
        off();
        resolve(true);
      };
    });
  }

  /** Stops accepting and cuts every connection. */
  close(): void {
    this.stop();
    this.entrance.cut();
    this.terminator?.close();
  }
}
