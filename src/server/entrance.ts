import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../http/errors.ts';
import type { Peer } from '../http/exchange.ts';
import type { ClientCertificate } from '../http/identity.ts';
import { Networks } from '../lib/networks.ts';
import type { ConnectionMetrics } from '../telemetry/connection-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { Connection } from '../wire/connection.ts';
import { DRAIN_GRACE } from '../wire/connection-state.ts';
import { keepsAuthorities } from './authorities.ts';
import { clientCertificate, disbelieved } from './client-certificate.ts';
import type { ServerConfig } from './config.ts';
import { plainAddress } from './plain-address.ts';
import { type OpeningHost, ProxyOpening } from './proxy-opening.ts';
import type { ProxySource } from './proxy-protocol.ts';
import { Refusals } from './refusals.ts';
import type { Serving, ServingParts } from './serve.ts';
import type { Terminator } from './terminator.ts';
import { type TlsHost, TlsOpening } from './tls-opening.ts';

/** Connections that are looked at when one has to give way: accepting costs the same, however many there are. */
const LOOKED_AT = 32;
/** Faults that every new connection may have are logged this often at most, in ms. */
const LOG_EVERY = 1000;

/** Where accepted sockets become connections, or are turned away; has all that are open, of every listener. */
export class Entrance implements OpeningHost, TlsHost {
  private readonly serving: Serving;
  private readonly metrics: ConnectionMetrics;
  private readonly logger: Logger;
  /** Who begins with a PROXY header; undefined: nobody. */
  private readonly balancers: Networks | undefined;
  private readonly headerTimeout: number;
  private readonly refusals: Refusals;
  /** Undefined: no listener speaks TLS, and none will. */
  private readonly terminator: Terminator | undefined;
  private readonly connections = new Set<Connection>();
  private readonly openings = new Set<ProxyOpening | TlsOpening>();
  private limit: number;
  private clientAuth: ServerConfig['tls']['client_auth'];
  private trustedProxies: ServerConfig['trusted_proxies'];
  private loggedAt = Number.NEGATIVE_INFINITY;
  /** Called when the last connection has closed. */
  emptied: (() => void) | undefined;

  constructor(config: ServerConfig, serving: Serving, { metrics, logger }: ServingParts, terminator?: Terminator) {
    this.serving = serving;
    this.metrics = metrics;
    this.logger = logger;
    const { proxy_protocol: proxies } = config;
    this.balancers = proxies && new Networks(proxies.from);
    this.headerTimeout = proxies?.timeout ?? 0;
    this.limit = config.max_connections;
    this.trustedProxies = config.trusted_proxies;
    this.refusals = new Refusals(serving.wheel, serving.date);
    this.terminator = terminator;
    this.clientAuth = config.tls.client_auth;
  }

  /** Those whose PROXY header or TLS handshake is not done among them. */
  get open(): number {
    return this.connections.size + this.openings.size;
  }

  /**
   * More connections than a new limit allows stay; there are no further ones until they are fewer. Those that have proved
   * who they are by an authority that counts no more end: after the exchange in progress, or in a moment where there is none.
   */
  apply(config: ServerConfig): void {
    this.limit = config.max_connections;
    if (!keepsAuthorities(this.clientAuth, config.tls.client_auth)) this.disbelieve();
    this.clientAuth = config.tls.client_auth;
    if (isDeepStrictEqual(this.trustedProxies, config.trusted_proxies)) return;
    this.trustedProxies = config.trusted_proxies;
    for (const connection of this.connections) {
      const trusted = this.serving.trusted.has(connection.peer.address);
      if (trusted !== connection.peer.trusted) connection.peer = { ...connection.peer, trusted };
    }
  }

  private disbelieve(): void {
    for (const connection of this.connections) {
      const { peer } = connection;
      if (peer.certificate === undefined) continue;
      connection.peer = { ...peer, certificate: disbelieved(peer.certificate) };
      connection.drain();
    }
  }

  /** @param secure whether the listener speaks TLS */
  accept(socket: Socket, secure: boolean): void {
    const address = socket.remoteAddress;
    // Gone between the handshake and here.
    if (address === undefined) {
      socket.destroy();
    } else if (this.open >= this.limit && !this.makeRoom()) {
      this.metrics.overLimit.add();
      // To tell it in TLS would cost more than to serve it.
      if (secure) socket.on('error', () => {}).destroy();
      else this.refusals.refuse(socket, () => this.serving.refuse(new GatewayError('too_many_connections')));
    } else if (this.balancers?.has(plainAddress(address))) {
      this.openings.add(new ProxyOpening(socket, secure, this, this.serving.wheel, this.headerTimeout));
    } else this.enter(socket, { address: plainAddress(address), port: socket.remotePort ?? 0 }, secure);
  }

  private enter(socket: Socket, source: ProxySource, secure: boolean): void {
    if (!secure || this.terminator === undefined) {
      this.connect(socket, source, undefined);
      return;
    }
    const opening = new TlsOpening(socket, source, this, this.terminator, this.serving.wheel);
    this.openings.add(opening);
    if (this.serving.draining) opening.hurry(DRAIN_GRACE);
  }

  /** @param tls what the client has shown over it; undefined: it is not spoken */
  private connect(
    socket: Socket,
    { address, port }: ProxySource,
    tls: { certificate: ClientCertificate | undefined } | undefined,
  ): void {
    const { serving } = this;
    const trusted = serving.trusted.has(address);
    const peer: Peer = tls === undefined ? { address, port, trusted } : { address, port, trusted, certificate: tls.certificate };
    const connection = new Connection(socket, peer, serving, tls !== undefined);
    this.connections.add(connection);
    if (serving.draining) connection.drain();
  }

  secured(opening: TlsOpening, socket: TLSSocket): string | undefined {
    this.openings.delete(opening);
    const certificate = clientCertificate(socket, this.serving.wheel.clock.wall());
    if (certificate !== undefined || this.clientAuth.mode !== 'require') {
      this.connect(socket, opening.source, { certificate });
      return undefined;
    }
    this.checkEmpty();
    // A session that goes on with a certificate that has expired, or a handshake of before there had to be one.
    return 'the certificate of the client: none, or none any more';
  }

  plainText(opening: TlsOpening, bytes: Buffer): void {
    const { socket } = opening;
    this.openings.delete(opening);
    this.terminator?.refused('it was no TLS', opening.source.address);
    // What may be HTTP is told what it has come to: somebody has written http for https.
    if (/^[A-Z]/.test(bytes.toString('latin1', 0, 1)))
      this.refusals.refuse(socket, () => this.serving.refuse(new GatewayError('bad_request', 'this port speaks TLS alone')));
    else socket.destroy();
    this.checkEmpty();
  }

  leftUnsecured(opening: TlsOpening): void {
    this.openings.delete(opening);
    this.checkEmpty();
  }

  /** Closes the connection that is idle for longest among a few. @returns whether there is room now */
  private makeRoom(): boolean {
    let idlest: Connection | undefined;
    for (let count = Math.min(LOOKED_AT, this.connections.size); count > 0; count--) {
      const connection = this.lookAtNext();
      if (connection.idleUntil < (idlest?.idleUntil ?? Number.POSITIVE_INFINITY)) idlest = connection;
    }
    if (idlest === undefined) return false;
    this.metrics.evicted.add();
    idlest.gone();
    return this.open < this.limit;
  }

  /**
   * Goes round all connections, of which there is at least one: who was looked at goes to the end. An iterator that is
   * kept between two calls would keep every connection there ever was: a Set remembers for it what has been deleted.
   */
  private lookAtNext(): Connection {
    const [next] = this.connections;
    this.connections.delete(next as Connection);
    this.connections.add(next as Connection);
    return next as Connection;
  }

  opened(opening: ProxyOpening, source: ProxySource | undefined): void {
    const { socket } = opening;
    this.openings.delete(opening);
    const own = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.enter(socket, source ?? own, opening.secure);
    socket.resume();
  }

  closed(opening: ProxyOpening, why: string | undefined): void {
    this.openings.delete(opening);
    if (why !== undefined) this.complain(opening, why);
    this.checkEmpty();
  }

  private complain({ socket, unreadable }: ProxyOpening, why: string): void {
    this.metrics.notProxied.add();
    if (unreadable) this.metrics.proxyProtocolErrors.add();
    const now = this.serving.wheel.clock.now();
    if (now - this.loggedAt < LOG_EVERY) return;
    this.loggedAt = now;
    this.logger.warn({ peer: socket.remoteAddress, problem: why }, 'a connection without a valid PROXY header was closed');
  }

  /** A connection has closed. */
  left(connection: Connection): void {
    this.connections.delete(connection);
    this.checkEmpty();
  }

  private checkEmpty(): void {
    if (this.open === 0) this.emptied?.();
  }

  /** Lets each connection finish the exchange it is in. */
  drain(): void {
    for (const connection of [...this.connections]) connection.drain();
    for (const opening of this.openings) if (opening instanceof TlsOpening) opening.hurry(DRAIN_GRACE);
  }

  cut(): void {
    for (const connection of [...this.connections]) connection.destroy();
    for (const opening of [...this.openings]) opening.close();
    this.refusals.close();
  }
}
