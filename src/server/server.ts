import { BlockList } from 'node:net';
import { formatAddress } from '../lib/address.ts';
import type { Connection } from '../wire/connection.ts';
import type { ServerConfig } from './config.ts';
import { Listener } from './listener.ts';
import { Serving, type ServingParts } from './serve.ts';

/** Everything that faces clients: the listeners, their connections, and how all of it comes to an end. */
export class HttpServer {
  private readonly config: ServerConfig;
  private readonly serving: Serving;
  private readonly connections = new Set<Connection>();
  private readonly listeners: Listener[] = [];
  private emptied: (() => void) | undefined;
  addresses: string[] = [];

  constructor(config: ServerConfig, parts: ServingParts) {
    this.config = config;
    const { limits } = config;
    const heads = { headerBytes: limits.header_bytes, headerCount: limits.header_count, uriBytes: limits.uri_bytes };
    this.serving = new Serving(parts, heads, config.timeouts, (connection) => this.closed(connection));
  }

  get open(): number {
    return this.connections.size;
  }

  get draining(): boolean {
    return this.serving.draining;
  }

  /** Listens on every address, or on none. */
  async listen(): Promise<void> {
    const trusted = new BlockList();
    for (const { address, prefix, family } of this.config.trusted_proxies) trusted.addSubnet(address, prefix, family);
    const parts = { serving: this.serving, trusted, connections: this.connections, limit: this.config.max_connections };
    try {
      for (const address of this.config.http_addr) {
        const listener = new Listener(parts);
        this.listeners.push(listener);
        this.addresses.push(
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
    for (const listener of this.listeners) listener.stop();
  }

  /**
   * Stops accepting, lets each connection finish the exchange it is in, and resolves when all have closed.
   * @returns false when `timeouts.drain` was over first; those that were left have been cut
   */
  async drain(): Promise<boolean> {
    this.serving.draining = true;
    this.stop();
    for (const connection of [...this.connections]) connection.drain();
    if (this.connections.size === 0) return true;
    const { clock } = this.serving.wheel;
    return new Promise((resolve) => {
      const off = clock.after(this.config.timeouts.drain, () => {
        this.emptied = undefined;
        this.cut();
        resolve(false);
      });
      this.emptied = () => {
        off();
        resolve(true);
      };
    });
  }

  /** Stops accepting and cuts every connection. */
  close(): void {
    this.stop();
    this.cut();
  }

  private cut(): void {
    for (const connection of [...this.connections]) connection.destroy();
  }

  private closed(connection: Connection): void {
    this.connections.delete(connection);
    if (this.connections.size === 0) this.emptied?.();
  }
}
