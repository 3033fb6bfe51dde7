import type { Socket } from 'node:net';
import { Server, type TLSSocket, type TlsOptions } from 'node:tls';
import { CertificateTable, type Shown } from './certificate-table.ts';
import type { ServerConfig } from './config.ts';
import { plainAddress } from './plain-address.ts';
import { tlsTerms } from './tls-terms.ts';

/** Our own clock ends handshakes that take too long: node's timer is set out of the way, to the longest there is. */
const NEVER = 2 ** 31 - 1;

/** Who is told how handshakes end. A client that just leaves in the middle is not worth a word. */
export interface HandshakesHost {
  secured(socket: TLSSocket): void;
  failed(why: string, socket: TLSSocket): void;
}

/**
 * Makes TLS connections of plain ones, under one configuration, which never changes here. Each set of certificates has a
 * server of its own, which listens nowhere: node's way to choose by name in the middle of a handshake takes one
 * certificate of a set alone, and leaves those of other kinds in place that are for other names.
 */
export class Handshakes {
  readonly table: CertificateTable;
  private readonly host: HandshakesHost;
  private readonly terms: TlsOptions;
  private readonly byAddress: ReadonlyMap<string, Shown>;
  /** Made when a client asks for one: a thousand at once would hold up who is served. */
  private readonly servers = new Map<Shown, Server>();
  private ticketKeys: Buffer;

  /** @param ticketKeys 48 secret bytes. @throws Error when a certificate cannot be used: the check has found it good */
  constructor(config: ServerConfig['tls'], ticketKeys: Buffer, host: HandshakesHost) {
    this.host = host;
    this.ticketKeys = ticketKeys;
    this.table = new CertificateTable(config.certificates);
    this.byAddress = new Map(this.table.byAddress());
    this.terms = tlsTerms(config);
    this.serverFor(this.table.fallback);
  }

  /**
   * Takes over a socket; what it has read already is the first of the handshake.
   * @param name of the host that the client asks for, if it does
   */
  begin(socket: Socket, name: string | undefined): void {
    const { table, byAddress } = this;
    const here = plainAddress(socket.localAddress ?? '');
    const shown = name === undefined ? (byAddress.get(here) ?? table.fallback) : table.find(name);
    // The documented way to give a connection to a server.
    this.serverFor(shown).emit('connection', socket);
  }

  /** Earlier tickets are not known any more: whoever comes with one makes a whole handshake. */
  setTicketKeys(keys: Buffer): void {
    this.ticketKeys = keys;
    for (const server of this.servers.values()) server.setTicketKeys(keys);
  }

  private serverFor(shown: Shown): Server {
    const server = this.servers.get(shown) ?? this.open(shown);
    this.servers.set(shown, server);
    return server;
  }

  private open(shown: Shown): Server {
    const { terms, ticketKeys } = this;
    const server = new Server({ ...terms, ...shown, ticketKeys, ALPNProtocols: ['http/1.1'], handshakeTimeout: NEVER });
    server.on('secureConnection', (socket) => this.host.secured(socket));
    server.on('tlsClientError', (error, socket) => {
      const why = reason(error, socket);
      if (why !== undefined) this.host.failed(why, socket);
    });
    return server;
  }
}

/** @returns in OpenSSL's words; undefined for a client that has left */
function reason(error: Error & { code?: string; reason?: string }, socket: TLSSocket): string | undefined {
  // A certificate that is not good ends the connection without an error of its own.
  const refused = socket.authorizationError as unknown;
  if (refused !== null && refused !== undefined) return `the certificate of the client: ${String(refused)}`;
  return error.code === 'ECONNRESET' || error.code === 'EPIPE' ? undefined : (error.reason ?? error.message);
}
