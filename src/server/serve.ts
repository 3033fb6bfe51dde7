import { clientAddress } from '../http/client-address.ts';
import { asGatewayError, GatewayError } from '../http/errors.ts';
import type { Exchange, Peer } from '../http/exchange.ts';
import { normalizePath, type PathPolicy } from '../http/normalize-path.ts';
import { preflightMethod } from '../http/preflight.ts';
import { Reply } from '../http/reply.ts';
import { isRequestId, type RequestIds } from '../http/request-id.ts';
import type { HttpDate } from '../lib/clock.ts';
import { Networks } from '../lib/networks.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { CompiledRoute, Snapshot } from '../snapshot/compile.ts';
import type { Current } from '../snapshot/current.ts';
import type { Match, Miss } from '../snapshot/router.ts';
import type { ConnectionMetrics } from '../telemetry/connection-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Connection } from '../wire/connection.ts';
import { type HeadLimits, RequestHeadParser } from '../wire/request-head.ts';
import type { ConnectionTimeouts, Service } from '../wire/service.ts';
import type { ServerConfig } from './config.ts';
import { type ErrorBodies, errorReply } from './error-reply.ts';
import { ownAnswer } from './own-answers.ts';

export interface ServingParts {
  readonly current: Current;
  readonly ids: RequestIds;
  readonly wheel: Wheel;
  readonly date: HttpDate;
  readonly logger: Logger;
  readonly metrics: ConnectionMetrics;
}

/** Leads each request down its route's chain and its reply back up: the way in and the way out of the gateway. */
export class Serving implements Service {
  readonly wheel: Wheel;
  readonly date: HttpDate;
  readonly parser: RequestHeadParser;
  timeouts: ConnectionTimeouts;
  /** Whose word about others is believed. */
  trusted: Networks;
  /** Whether TLS is for those alone who have shown a certificate. */
  requiresCertificate: boolean;
  draining = false;
  private readonly parts: ServingParts;
  private readonly gone: (connection: Connection) => void;
  private readonly isTrusted = (address: string) => this.trusted.has(address);
  private pathPolicy: PathPolicy;
  private errorBodies: ErrorBodies;

  constructor(config: ServerConfig, parts: ServingParts, gone: (connection: Connection) => void) {
    this.parts = parts;
    this.wheel = parts.wheel;
    this.date = parts.date;
    this.gone = gone;
    this.parser = new RequestHeadParser(headLimits(config));
    this.timeouts = config.timeouts;
    this.trusted = new Networks(config.trusted_proxies);
    this.requiresCertificate = requiresCertificate(config);
    this.pathPolicy = config.normalize_path;
    this.errorBodies = config.error_bodies;
  }

  /** For requests that begin from now on. */
  apply(config: ServerConfig): void {
    this.parser.limit(headLimits(config));
    this.timeouts = config.timeouts;
    this.trusted = new Networks(config.trusted_proxies);
    this.requiresCertificate = requiresCertificate(config);
    this.pathPolicy = config.normalize_path;
    this.errorBodies = config.error_bodies;
  }

  serve(exchange: Exchange, connection: Connection): void {
    this.name(exchange);
    if (exchange.scheme === 'https' && !this.isProved(exchange.peer)) {
      // The client may ask again on another connection (RFC 9110 §15.5.20), where a handshake decides anew.
      connection.drain();
      this.turnAway(
        exchange,
        connection,
        new GatewayError('misdirected_request', 'it has shown no certificate that still holds'),
      );
      return;
    }
    const target = normalizePath(exchange.target, this.pathPolicy);
    if (target === undefined) {
      this.turnAway(exchange, connection, new GatewayError('bad_request', 'a path that is not in its one safe spelling'));
      return;
    }
    exchange.target = target;
    exchange.onCancel((error) => this.cancelled(exchange, connection, error));
    let reply: Reply | Promise<Reply>;
    try {
      reply = this.answer(exchange);
    } catch (thrown) {
      this.answerError(exchange, connection, thrown);
      return;
    }
    if (reply instanceof Promise) {
      reply.then(
        (settled) => this.send(exchange, connection, settled),
        (thrown) => this.answerError(exchange, connection, thrown),
      );
    } else this.send(exchange, connection, reply);
  }

  /** A connection may outlive what was shown when it began: the certificate's dates, its authority, the rules. */
  private isProved({ certificate }: Peer): boolean {
    return certificate === undefined ? !this.requiresCertificate : this.wheel.clock.wall() <= certificate.notAfter;
  }

  fail(exchange: Exchange, connection: Connection, error: GatewayError): void {
    this.name(exchange);
    this.turnAway(exchange, connection, error);
  }

  private turnAway(exchange: Exchange, connection: Connection, error: GatewayError): void {
    const counted = this.parts.current.snapshot.unrouted(() => {
      throw error;
    });
    try {
      counted(exchange);
    } catch (thrown) {
      this.answerError(exchange, connection, thrown);
    }
  }

  /** The reply to a connection that is not served. */
  refuse(error: GatewayError): Reply {
    const id = this.parts.ids.next();
    const reply = errorReply(error, id, this.errorBodies);
    reply.headers.add('X-Request-ID', id);
    return reply;
  }

  /** A fault of ours costs the one connection it happened on. */
  failed(connection: Connection, thrown: unknown): void {
    this.parts.logger.error({ err: thrown }, 'a connection failed');
    connection.destroy();
  }

  closed(connection: Connection): void {
    this.gone(connection);
  }

  /** Says which request this is, and whose: what a trusted proxy says of both holds through all of them. */
  private name(exchange: Exchange): void {
    const { peer, headers } = exchange;
    if (!peer.trusted) {
      exchange.requestId = this.parts.ids.next();
      return;
    }
    const given = headers.get('x-request-id');
    exchange.requestId = given !== undefined && isRequestId(given) ? given : this.parts.ids.next();
    exchange.clientAddress = clientAddress(headers, peer.address, this.isTrusted);
  }

  private answer(exchange: Exchange): Reply | Promise<Reply> {
    const { snapshot } = this.parts.current;
    let own: Reply | undefined;
    try {
      own = ownAnswer(exchange);
    } catch (thrown) {
      own = this.errorReply(exchange, thrown);
    }
    if (own !== undefined) return snapshot.unrouted(() => own)(exchange);
    const match = this.match(exchange, snapshot);
    if (match === undefined) return snapshot.unrouted(() => new Reply(204))(exchange);
    if (match.route === undefined) return snapshot.unrouted(() => this.noRoute(match.allow, exchange))(exchange);
    exchange.routeId = match.route.id;
    if (match.params !== undefined) exchange.params = match.params;
    return match.route.handler(exchange);
  }

  /**
   * The route of a request; of a preflight the one that it asks about, if that answers preflights. Undefined for a preflight
   * about a route that does not, which another route would answer, because it takes OPTIONS there: that one cannot allow what
   * goes to the other.
   */
  private match(exchange: Exchange, { router }: Snapshot): Match<CompiledRoute> | Miss | undefined {
    const method = preflightMethod(exchange);
    if (method === undefined) return router.match(exchange);
    const asked = router.match(exchange, method);
    if (asked.route?.answersPreflights) return asked;
    const match = router.match(exchange);
    return asked.route !== undefined && match.route?.answersPreflights ? undefined : match;
  }

  private send(exchange: Exchange, connection: Connection, reply: Reply): void {
    try {
      exchange.decorate(reply);
      if (!reply.headers.has('x-request-id')) reply.headers.add('X-Request-ID', exchange.requestId);
      exchange.reply = reply;
      connection.reply(exchange, reply);
    } catch (thrown) {
      this.failed(connection, thrown);
    }
  }

  private answerError(exchange: Exchange, connection: Connection, thrown: unknown): void {
    this.send(exchange, connection, this.errorReply(exchange, thrown));
  }

  private errorReply(exchange: Exchange, thrown: unknown): Reply {
    const error = asGatewayError(thrown);
    // Without a cause it has been told by whoever met it.
    if (error.code === 'internal' && error.cause !== undefined)
      this.parts.logger.error({ err: error.cause, request_id: exchange.requestId }, 'a request failed');
    exchange.failure = error;
    return errorReply(error, exchange.requestId, this.errorBodies, exchange.headers);
  }

  /** While the reply's head is not out there is something to say; after that only a cut tells that it is not whole. */
  private cancelled(exchange: Exchange, connection: Connection, error: GatewayError): void {
    if (error.code === 'client_gone') return;
    if (connection.awaits(exchange)) this.answerError(exchange, connection, error);
    else connection.cut(exchange, error);
  }

  private noRoute(allow: readonly string[], exchange: Exchange): Reply {
    const reply = this.errorReply(exchange, new GatewayError(allow.length === 0 ? 'not_found' : 'method_not_allowed'));
    if (allow.length > 0) reply.headers.add('Allow', allow.join(', '));
    return reply;
  }
}

function requiresCertificate({ tls }: ServerConfig): boolean {
  return tls.client_auth.mode === 'require';
}

function headLimits({ limits }: ServerConfig): HeadLimits {
  return { headerBytes: limits.header_bytes, headerCount: limits.header_count, uriBytes: limits.uri_bytes };
}
