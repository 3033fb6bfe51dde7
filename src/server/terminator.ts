import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { TlsCells, TlsMetrics } from '../telemetry/tls-metrics.ts';
import { keepsAuthorities } from './authorities.ts';
import type { ServerConfig } from './config.ts';
import { Handshakes, type HandshakesHost } from './handshakes.ts';

type TlsConfig = ServerConfig['tls'];

export interface TerminatorTools {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: TlsMetrics;
}

/** Takes a connection that has been secured. @returns why it is not wanted: it is closed then; undefined when it is */
export type Secured = (socket: TLSSocket) => string | undefined;

/** Who waits for a handshake to end, and since when on the clock's `now`. */
interface Waiting {
  readonly since: number;
  /** Whose word about clients counted when it began. */
  readonly clientAuth: TlsConfig['client_auth'];
  readonly peer: string;
  readonly secured: Secured;
}

/** A key that tickets are sealed with is good for this long, in ms: who learns it can read the TLS 1.2 of that time. */
const KEY_LIFE = 12 * 3_600_000;
/** Handshakes that fail are logged this often at most, in ms. */
const LOG_EVERY = 1000;

/**
 * Ends TLS: has the certificates of the newest configuration, and keeps what outlives one. Tickets of sessions are good
 * across reloads, and for this process only.
 */
export class Terminator implements HandshakesHost {
  private readonly tools: TerminatorTools;
  private readonly cells: TlsCells;
  private readonly stopRotation: () => void;
  /** By both ends of the connection: node tells of a TLS socket, not of the one beneath it. */
  private readonly waiting = new Map<string, Waiting>();
  private ticketKeys = randomBytes(48);
  private config: TlsConfig;
  private handshakes: Handshakes;
  private loggedAt = Number.NEGATIVE_INFINITY;

  constructor(config: TlsConfig, tools: TerminatorTools) {
    this.tools = tools;
    this.cells = tools.metrics.cells();
    this.config = config;
    this.handshakes = this.open(config);
    this.stopRotation = tools.clock.every(KEY_LIFE, () => this.rotate());
  }

  /** Milliseconds. */
  get timeout(): number {
    return this.config.handshake_timeout;
  }

  /** For handshakes that begin from now on. @throws Error when a certificate cannot be used; all stays as it is then */
  apply(config: TlsConfig): void {
    if (isDeepStrictEqual(config, this.config)) return;
    this.handshakes = this.open(config);
    this.config = config;
  }

  close(): void {
    this.stopRotation();
  }

  private open(config: TlsConfig): Handshakes {
    const handshakes = new Handshakes(config, this.ticketKeys, this);
    this.tools.metrics.expiries = handshakes.table.leaves.map(({ names, notAfter }, at) => ({
      labels: { certificate: config.certificates[at]?.name ?? '', name: names[0] ?? '' },
      notAfter,
    }));
    return handshakes;
  }

  private rotate(): void {
    this.ticketKeys = randomBytes(48);
    this.handshakes.setTicketKeys(this.ticketKeys);
  }

  /**
   * Takes a socket over, which its owner goes on to time and to close.
   * @param peer the address of whoever is at the other end, behind balancers too
   * @param name of the host that the client asks for, if it does
   * @param secured called once, unless the handshake comes to nothing
   * @returns ends the waiting; for when the socket has closed
   */
  begin(socket: Socket, peer: string, name: string | undefined, secured: Secured): () => void {
    const ends = endsOf(socket);
    const waiting = { since: this.tools.clock.now(), clientAuth: this.config.client_auth, peer, secured };
    this.waiting.set(ends, waiting);
    this.handshakes.begin(socket, name);
    return () => {
      // The same two ends may have another connection by now.
      if (this.waiting.get(ends) === waiting) this.waiting.delete(ends);
    };
  }

  secured(socket: TLSSocket): void {
    const ends = endsOf(socket);
    const waiting = this.waiting.get(ends);
    // A client that has left in the same moment: nobody can tell any more who it was.
    if (waiting === undefined) {
      socket.destroy();
      return;
    }
    this.waiting.delete(ends);
    const believes = keepsAuthorities(waiting.clientAuth, this.config.client_auth);
    const problem = believes ? waiting.secured(socket) : 'other authorities are believed by now';
    if (problem !== undefined) {
      socket.destroy();
      this.refused(problem, waiting.peer);
      return;
    }
    const { ok, duration, resumed } = this.cells;
    ok[socket.getProtocol() === 'TLSv1.2' ? 'TLSv1.2' : 'TLSv1.3'].add();
    if (socket.isSessionReused()) resumed.add();
    duration.observe((this.tools.clock.now() - waiting.since) / 1000);
  }

  failed(why: string, socket: TLSSocket): void {
    // A socket that node has closed already does not know any more who was there.
    this.refused(why, this.waiting.get(endsOf(socket))?.peer);
  }

  /** A handshake came to nothing. @param peer undefined: nobody can tell who it was */
  refused(why: string, peer: string | undefined): void {
    this.cells.failed.add();
    this.tell(why, peer);
  }

  /** A handshake was not done in time: its owner has closed the socket. */
  timedOut(peer: string): void {
    this.cells.timeout.add();
    this.tell('not done in time', peer);
  }

  private tell(problem: string, peer: string | undefined): void {
    const now = this.tools.clock.now();
    if (now - this.loggedAt < LOG_EVERY) return;
    this.loggedAt = now;
    this.tools.logger.info({ peer, problem }, 'a TLS handshake failed');
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
