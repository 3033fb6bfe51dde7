import { Counter, type Histogram } from '../../lib/cell.ts';
import { Family, type Metrics } from '../../telemetry/metrics.ts';

/** Seconds. */
const BOUNDS = [0.1, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

/** Who closed a connection, and the code it was closed with: 1005 where none was given, 1006 where nobody said anything. */
export interface Ending {
  readonly by: 'client' | 'upstream' | 'gateway' | 'nobody';
  readonly code: number;
}

/**
 * What became of a handshake: opened; declined by the upstream, with an ordinary reply; refused by the gateway; failed
 * for want of an upstream or because of a wrong answer.
 */
export type HandshakeOutcome = 'opened' | 'declined' | 'refused' | 'failed';

export type WebSocketMetrics = ReturnType<typeof webSocketMetrics>;

/** Photon's four names, and how connections end. */
export function webSocketMetrics(metrics: Metrics) {
  const upgrades = metrics.counter('gateway_websocket_upgrades_total', 'WebSocket handshakes, by what became of them.');
  const messages = metrics.counter(
    'gateway_websocket_messages_total',
    'WebSocket messages that were sent to their end, by direction. Pings, pongs and close frames are none.',
  );
  const closes = metrics.counter(
    'gateway_websocket_closes_total',
    'WebSocket connections that have ended, by who closed them and the code.',
  );
  const duration = metrics.histogram(
    'gateway_websocket_connection_duration_seconds',
    'How long WebSocket connections lasted that have ended.',
    BOUNDS,
  );
  const active = new Family(() => new Counter());
  metrics.gauge('gateway_websocket_connections_active', 'WebSocket connections that are open.', () =>
    active.entries().map(({ labels, cell }) => [labels, cell.value] as const),
  );
  return {
    upgrades,
    messages,
    closes,
    duration,
    active,
    /** Shows no series of routes that are not among these, but connections that have outlived theirs. */
    keep(routes: ReadonlySet<string>): void {
      for (const family of [upgrades, messages, closes, duration]) family.keep(({ route = '' }) => routes.has(route));
      active.keep(({ route = '' }, { value }) => routes.has(route) || value > 0);
    },
  };
}

/** The cells of one route, for those that ask for connections. */
export class RouteCells {
  private readonly metrics: WebSocketMetrics;
  private readonly route: string;
  readonly toUpstream: Counter;
  readonly toClient: Counter;
  private readonly active: Counter;
  private readonly duration: Histogram;

  constructor(metrics: WebSocketMetrics, route: string) {
    this.metrics = metrics;
    this.route = route;
    this.toUpstream = metrics.messages.cell({ route, direction: 'to_upstream' });
    this.toClient = metrics.messages.cell({ route, direction: 'to_client' });
    this.active = metrics.active.cell({ route });
    this.duration = metrics.duration.cell({ route });
  }

  asked(outcome: HandshakeOutcome): void {
    this.metrics.upgrades.cell({ route: this.route, outcome }).value += 1;
    if (outcome === 'opened') this.active.value += 1;
  }

  ended(seconds: number, { by, code }: Ending): void {
    this.active.value -= 1;
    this.duration.observe(seconds);
    this.metrics.closes.cell({ route: this.route, by, code: classOf(code) }).value += 1;
  }
}

/** Codes from 3000 on are anybody's: labels are not. */
function classOf(code: number): string {
  return code < 3000 ? String(code) : `${Math.floor(code / 1000)}xxx`;
}
