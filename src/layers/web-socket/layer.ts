import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { Handler, Layer } from '../../http/layer.ts';
import { isTunnel, Reply } from '../../http/reply.ts';
import type { Notice } from '../../lib/notice.ts';
import type { Wheel } from '../../lib/wheel.ts';
import type { UpgradesConfig, WebSocketConfig } from './config.ts';
import { extensionNames, extensionTerms } from './extensions.ts';
import { answerProblem, type Handshake, type HandshakeTerms, handshakeTerms, readHandshake } from './handshake.ts';
import { type HandshakeOutcome, RouteCells, type WebSocketMetrics } from './metrics.ts';
import { Session } from './session.ts';

const WEB_SOCKET = 'websocket';

export interface UpgradeConfig {
  readonly websocket: WebSocketConfig | undefined;
  readonly upgrades: UpgradesConfig;
}

export interface WebSocketTools {
  readonly wheel: Wheel;
  /** Said when the gateway takes no more connections: every WebSocket connection is then closed with 1001. */
  readonly draining: Notice;
  readonly metrics: WebSocketMetrics;
}

/**
 * Lets clients change to the protocols that the route allows, and to no other: throws `upgrade_refused` when none is
 * left of those that were offered. WebSocket handshakes are checked both ways, and the connections that come of them
 * held to RFC 6455 and to the route's limits, for as long as they last and whatever configuration comes meanwhile.
 * Costs an ordinary request one comparison.
 * @param label of the route in metrics
 */
export function webSocket({ websocket, upgrades }: UpgradeConfig, label: string, tools: WebSocketTools): Layer {
  const opening = new Opening(label, tools);
  const terms = websocket?.enabled === true ? { ...websocket, handshake: handshakeTerms(websocket) } : undefined;
  return (next) => (exchange) => {
    if (exchange.upgrade === undefined) return next(exchange);
    const offered = exchange.upgrade.split(', ');
    const asked = offered.includes(WEB_SOCKET);
    // Whoever speaks it wants nothing else: what is offered beside it would be for the upstream to choose.
    if (asked && terms !== undefined) return opening.open(exchange, terms, next);
    const kept = offered.filter((one) => upgrades.includes(one) || upgrades.includes(one.split('/', 1)[0] as string));
    if (kept.length === 0) {
      if (asked) opening.count('refused');
      throw new GatewayError('upgrade_refused');
    }
    exchange.upgrade = kept.join(', ');
    return next(exchange);
  };
}

type Terms = WebSocketConfig & { readonly handshake: HandshakeTerms };

/** Opens the connections of one route. */
class Opening {
  private readonly label: string;
  private readonly tools: WebSocketTools;
  private cells: RouteCells | undefined;

  constructor(label: string, tools: WebSocketTools) {
    this.label = label;
    this.tools = tools;
    this.cells = undefined;
  }

  count(outcome: HandshakeOutcome): RouteCells {
    this.cells ??= new RouteCells(this.tools.metrics, this.label);
    this.cells.asked(outcome);
    return this.cells;
  }

  async open(exchange: Exchange, terms: Terms, next: Handler): Promise<Reply> {
    exchange.upgrade = WEB_SOCKET;
    let handshake: Handshake | Reply;
    try {
      // It would be closed with its first breath.
      if (this.tools.draining.announced) throw new GatewayError('draining');
      handshake = readHandshake(exchange, terms.handshake);
    } catch (refusal) {
      this.count('refused');
      throw refusal;
    }
    if (handshake instanceof Reply) {
      this.count('refused');
      return handshake;
    }
    let reply: Reply;
    try {
      reply = await next(exchange);
    } catch (error) {
      this.count('failed');
      throw error;
    }
    return this.answered(exchange, terms, handshake, reply);
  }

  private answered(exchange: Exchange, config: Terms, handshake: Handshake, reply: Reply): Reply {
    const { body } = reply;
    if (!isTunnel(body)) {
      this.count('declined');
      return reply;
    }
    const problem = answerProblem(reply, handshake);
    if (problem !== undefined) {
      this.count('failed');
      body.fromUpstream.cancel();
      throw new GatewayError('upstream_invalid_reply', undefined, new Error(problem));
    }
    const cells = this.count('opened');
    const { wheel, draining } = this.tools;
    const terms = {
      timeout: config.timeout,
      idleTimeout: config.idle_timeout,
      maxMessage: config.max_message_size,
      extensions: extensionTerms(extensionNames(reply.headers.all('sec-websocket-extensions'))),
    };
    const cut = (error: GatewayError) => exchange.cancel(error);
    const session = new Session(body, terms, { wheel, draining, cells, cut });
    const openedAt = wheel.clock.now();
    exchange.onEnd(() => cells.ended((wheel.clock.now() - openedAt) / 1000, session.over()));
    reply.body = session.tunnel;
    return reply;
  }
}
