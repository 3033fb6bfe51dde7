import type { Exchange, Outcome } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';
import type { Counter, Histogram } from '../../lib/cell.ts';
import type { Clock } from '../../lib/clock.ts';
import type { RequestMetrics } from './metrics.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'] as const;
/** Methods are the client's to invent; labels are not. */
const OTHER = 'other';
const METHOD_AT: ReadonlyMap<string, number> = new Map(METHODS.map((method, at) => [method, at]));
/** Classes of status are 1 to 9, so that a method and a class are one small number. */
const CLASSES = 10;

/** The cells of one route, each made when it is first needed: most of ten thousand routes sleep. */
class Observing {
  private readonly route: string;
  private readonly metrics: RequestMetrics;
  private readonly clock: Clock;
  private requests: Map<number, Counter> | undefined;
  private duration: Histogram | undefined;

  constructor(route: string, metrics: RequestMetrics, clock: Clock) {
    this.route = route;
    this.metrics = metrics;
    this.clock = clock;
    this.requests = undefined;
    this.duration = undefined;
  }

  ended(exchange: Exchange, { status, error }: Outcome): void {
    this.requests ??= new Map();
    this.duration ??= this.metrics.duration.cell({ route: this.route });
    const at = (METHOD_AT.get(exchange.method) ?? METHODS.length) * CLASSES + Math.floor(status / 100);
    const counter = this.requests.get(at) ?? this.open(at, this.requests);
    counter.value += 1;
    this.duration.observe((this.clock.now() - exchange.startedAt) / 1000);
    if (error !== undefined && error.source === 'upstream') {
      const labels = { route: this.route, upstream: exchange.upstream, code: error.code };
      this.metrics.upstreamErrors.cell(labels).value += 1;
    }
  }

  private open(at: number, requests: Map<number, Counter>): Counter {
    const method = METHODS[Math.floor(at / CLASSES)] ?? OTHER;
    const counter = this.metrics.requests.cell({ route: this.route, method, status: `${at % CLASSES}xx` });
    requests.set(at, counter);
    return counter;
  }
}

/** Counts each exchange of a route, and how long it took, when it has ended. */
export function observe(routeId: string, metrics: RequestMetrics, clock: Clock): Layer {
  const observing = new Observing(routeId, metrics, clock);
  return (next) => (exchange) => {
    exchange.onEnd((outcome) => observing.ended(exchange, outcome));
    return next(exchange);
  };
}
