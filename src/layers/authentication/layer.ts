import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Identity, IdentityMethod } from '../../http/identity.ts';
import type { Handler, Layer } from '../../http/layer.ts';
import { problemReply } from '../../http/problem.ts';
import type { Reply } from '../../http/reply.ts';
import { access } from './access.ts';
import { challenge, scopeChallenge } from './challenge.ts';
import type { RouteAuthenticationConfig } from './config.ts';
import { type Hiding, isHiding } from './hiding.ts';
import { type Finding, isRefused, type Method, type Refused } from './method.ts';
import type { Methods } from './methods.ts';
import { AuthCounts, type AuthMetrics } from './metrics.ts';

/** What has gone wrong so far with the credentials of one request. */
interface Tale {
  readonly method: IdentityMethod;
  readonly refused: Refused | undefined;
  readonly failure: GatewayError | undefined;
}

/**
 * Lets in who can prove who they are by any of the route's methods, and has what the route asks for. The methods are tried
 * in order until one holds: a credential that does not hold says nothing about another that does. Without one: 401 with a
 * challenge for each method, or 400 when the request contradicts itself; 503 when a credential was shown that could not be
 * verified now; 403 for who is known, but not enough. Synchronous as long as the methods are.
 * @param route the label for metrics
 * @throws Error when the route names a method that the configuration does not define
 */
export function authentication(config: RouteAuthenticationConfig, route: string, methods: Methods, metrics: AuthMetrics): Layer {
  const gate = new Gate(config, methods, new AuthCounts(route, metrics));
  return (next) => (exchange) => gate.enter(exchange, next);
}

class Gate {
  private readonly methods: readonly Method[];
  private readonly hiding: readonly Hiding[];
  private readonly realm: string;
  private readonly scopes: readonly string[];
  private readonly isEnough: (identity: Identity) => boolean;
  private readonly counts: AuthCounts;

  constructor(config: RouteAuthenticationConfig, { realm, byName }: Methods, counts: AuthCounts) {
    this.methods = (config.methods ?? [...byName.keys()]).map((name) => {
      const method = byName.get(name);
      if (method === undefined) throw new Error(`there is no method ${name}`);
      return method;
    });
    this.hiding = this.methods.filter(isHiding);
    this.realm = realm;
    this.scopes = config.scopes;
    this.isEnough = access(config);
    this.counts = counts;
  }

  enter(exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    return this.from(0, undefined, exchange, next);
  }

  private from(start: number, before: Tale | undefined, exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    let tale = before;
    for (let at = start; at < this.methods.length; at++) {
      const method = this.methods[at] as Method;
      let finding: Finding | Promise<Finding>;
      try {
        finding = method.identify(exchange);
      } catch (thrown) {
        tale = failed(tale, method, thrown);
        continue;
      }
      if (finding instanceof Promise) {
        return finding.then(
          (found) => this.later(found, at, tale, exchange, next),
          (thrown) => this.from(at + 1, failed(tale, method, thrown), exchange, next),
        );
      }
      if (finding === undefined) continue;
      if (!isRefused(finding)) return this.known(finding, exchange, next);
      tale ??= { method: method.name, refused: finding, failure: undefined };
    }
    return this.unknown(tale, exchange);
  }

  private later(found: Finding, at: number, tale: Tale | undefined, exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    // Nobody waits for the reply any more.
    if (exchange.cancelError !== undefined) throw exchange.cancelError;
    if (found !== undefined && !isRefused(found)) return this.known(found, exchange, next);
    const { name } = this.methods[at] as Method;
    const told = found === undefined ? tale : (tale ?? { method: name, refused: found, failure: undefined });
    return this.from(at + 1, told, exchange, next);
  }

  private known(identity: Identity, exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    exchange.identity = identity;
    if (!this.isEnough(identity)) return this.forbidden(identity, exchange);
    this.counts.count(identity.method, 'accepted');
    for (const method of this.hiding) method.hide(exchange);
    return next(exchange);
  }

  private forbidden({ method }: Identity, exchange: Exchange): Reply {
    this.counts.count(method, 'forbidden');
    const title = 'Access is denied to who you are';
    const reply = problemReply({ status: 403, code: 'access_denied', title }, exchange.requestId);
    if (method === 'jwt') reply.headers.add('WWW-Authenticate', scopeChallenge(this.realm, this.scopes));
    return reply;
  }

  private unknown(tale: Tale | undefined, exchange: Exchange): Reply {
    if (tale?.failure !== undefined) {
      this.counts.count(tale.method, 'unavailable');
      throw tale.failure;
    }
    this.counts.count(tale?.method ?? 'none', tale === undefined ? 'missing' : 'refused');
    const reply = problemReply(problemOf(tale?.refused), exchange.requestId);
    for (const { name } of this.methods) {
      const refused = tale?.method === name ? tale.refused : undefined;
      reply.headers.add('WWW-Authenticate', challenge(name, this.realm, refused));
    }
    return reply;
  }
}

function problemOf(refused: Refused | undefined) {
  if (refused === undefined) return { status: 401, code: 'credential_missing', title: 'The request shows no credential' };
  const detail = refused.description;
  return refused.refused === 'invalid_request'
    ? { status: 400, code: 'credential_malformed', title: 'The request shows its credential in a wrong way', detail }
    : { status: 401, code: 'credential_refused', title: 'The credential is not valid', detail };
}

/**
 * What could not be verified counts for more than what was refused: asking again may help.
 * @throws what is no `GatewayError`: a fault of ours must not let the next method decide
 */
function failed(tale: Tale | undefined, { name: method }: Method, thrown: unknown): Tale {
  if (!(thrown instanceof GatewayError)) throw thrown;
  return tale?.failure === undefined ? { method, refused: undefined, failure: thrown } : tale;
}
