import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { readForm } from '../../http/form.ts';
import type { Handler, Layer } from '../../http/layer.ts';
import { problemReply } from '../../http/problem.ts';
import type { Reply } from '../../http/reply.ts';
import type { RateLimitConfig } from './config.ts';
import { seconds } from './fields.ts';
import { type ConsumerLimits, openLimit } from './limit.ts';
import { LimitSet } from './limit-set.ts';
import type { Decision, RateLimiter, Standing } from './limiter.ts';
import { DecisionCells, type RateLimitMetrics } from './metrics.ts';

/** Seconds: Redis may be back by then. */
const CLOSED_RETRY_AFTER = 1;

/** The limits that a route's requests meet. */
export interface RouteLimits {
  readonly own: readonly RateLimitConfig[];
  /** `middleware.rate_limiting`, where the route names it: one limit for all routes that do. */
  readonly shared: RateLimitConfig | undefined;
  /** Those of whoever asks, once that is proved: see `consumerLimits`. */
  readonly consumers: ConsumerLimits;
}

/** What the limits of all routes work with. */
export interface RateLimitTools {
  readonly limiter: RateLimiter;
  readonly metrics: RateLimitMetrics;
  /** Bits of an IPv6 address that count as one client. */
  readonly ipv6Prefix: number;
}

/**
 * Lets a request through when all limits of its route, the shared one and its consumer's have tokens for it, and takes
 * from each; otherwise answers 429 and takes from none. Synchronous unless a form has to be read or the limiter asks
 * elsewhere. Stands behind identity, by which it counts.
 * @param routeId also what its metrics are labelled with, unless `label` says otherwise
 */
export function rateLimit(limits: RouteLimits, routeId: string, tools: RateLimitTools, label = routeId): Layer {
  const gate = new Gate(limits, routeId, tools, label);
  return (next) => (exchange) => gate.pass(exchange, next);
}

class Gate {
  private readonly tools: RateLimitTools;
  private readonly label: string;
  private readonly consumers: ConsumerLimits;
  private readonly common: CountedSet;
  /** With those of a consumer: made when the consumer first comes by. */
  private readonly personal = new Map<string, CountedSet>();

  constructor({ own, shared, consumers }: RouteLimits, routeId: string, tools: RateLimitTools, label: string) {
    const opened = own.map((config) => openLimit(config, { route: routeId }, tools.ipv6Prefix));
    if (shared !== undefined) opened.push(openLimit(shared, 'shared', tools.ipv6Prefix));
    this.tools = tools;
    this.label = label;
    this.consumers = consumers;
    this.common = this.counted(new LimitSet(opened));
  }

  private counted(set: LimitSet): CountedSet {
    const cells = set.limits.map(({ config }) => new DecisionCells(this.tools.metrics, this.label, config.name));
    return { set, cells };
  }

  pass(exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    const counted = this.setFor(exchange.identity?.consumer);
    if (counted.set.limits.length === 0) return next(exchange);
    const reading = counted.set.needsForm ? readForm(exchange) : undefined;
    if (reading !== undefined) return reading.then(() => this.ask(counted, exchange, next));
    return this.ask(counted, exchange, next);
  }

  private setFor(consumer: string | undefined): CountedSet {
    const theirs = consumer === undefined ? undefined : this.consumers.get(consumer);
    if (consumer === undefined || theirs === undefined) return this.common;
    let counted = this.personal.get(consumer);
    if (counted === undefined) {
      counted = this.counted(new LimitSet([...this.common.set.limits, ...theirs]));
      this.personal.set(consumer, counted);
    }
    return counted;
  }

  private ask(counted: CountedSet, exchange: Exchange, next: Handler): Reply | Promise<Reply> {
    const decision = this.tools.limiter.take(counted.set.demands(exchange));
    if (decision instanceof Promise) {
      return decision.then((settled) => {
        if (exchange.cancelError !== undefined) throw exchange.cancelError;
        return settle(counted, settled, exchange, next, this.tools.metrics);
      });
    }
    return settle(counted, decision, exchange, next, this.tools.metrics);
  }
}

interface CountedSet {
  readonly set: LimitSet;
  readonly cells: readonly DecisionCells[];
}

function settle(
  { set, cells }: CountedSet,
  decision: Decision,
  exchange: Exchange,
  next: Handler,
  metrics: RateLimitMetrics,
): Reply | Promise<Reply> {
  if (decision.without !== undefined) metrics.countWithout(decision.without);
  if (decision.without === 'closed') {
    const error = new GatewayError('limits_unavailable');
    error.retryAfter = CLOSED_RETRY_AFTER;
    throw error;
  }
  if (set.speaks) exchange.onReply((reply) => set.tell(reply, decision));
  if (decision.admitted) {
    for (const cell of cells) cell.countAdmitted();
    return next(exchange);
  }
  decision.standings.forEach(({ admits }, at) => {
    if (!admits) cells[at]?.countRefused();
  });
  return refusal(set, decision, exchange);
}

/** 429 (RFC 6585 §4): by which limits, as far as they tell, and when to come back. */
function refusal({ limits }: LimitSet, { standings }: Decision, exchange: Exchange): Reply {
  let wait = 0;
  const names: string[] = [];
  limits.forEach(({ config }, at) => {
    const standing = standings[at] as Standing;
    if (standing.admits) return;
    wait = Math.max(wait, standing.wait);
    if (config.headers.length > 0) names.push(JSON.stringify(config.name));
  });
  const after = Math.max(1, seconds(wait));
  const which = names.length === 0 ? 'Too many requests' : `Over the limit ${names.join(' and ')}`;
  const detail = `${which}: try again in ${after} s.`;
  const reply = problemReply({ status: 429, code: 'rate_limited', title: 'Too many requests', detail }, exchange.requestId);
  reply.headers.add('Retry-After', String(after));
  return reply;
}
