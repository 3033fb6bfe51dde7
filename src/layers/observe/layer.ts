import type { Exchange, Outcome } from '../../http/exchange.ts';
import type { Layer } from '../../http/layer.ts';
import type { Counter, Histogram } from '../../lib/cell.ts';
import type { Clock } from '../../lib/clock.ts';
import type { RequestMetrics } from './metrics.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'];
/** Methods are the client's to invent; labels are not. */
const OTHER = 'other';

interface Cells {
  readonly requests: Counter;
  readonly duration: Histogram;
}

/** Counts each exchange of a route, and how long it took, when it has ended. */
export function observe(routeId: string, metrics: RequestMetrics, clock: Clock): Layer {
  const byMethod = new Map<string, (Cells | undefined)[]>([...METHODS, OTHER].map((method) => [method, []]));

  const cellsOf = (method: string, status: number): Cells => {
    const known = byMethod.has(method) ? method : OTHER;
    const byClass = byMethod.get(known) as (Cells | undefined)[];
    const statusClass = Math.floor(status / 100);
    let cells = byClass[statusClass];
    if (cells === undefined) {
      const labels = { route: routeId, method: known, status: `${statusClass}xx` };
      cells = { requests: metrics.requests.cell(labels), duration: metrics.duration.cell({ route: routeId }) };
      byClass[statusClass] = cells;
    }
    return cells;
  };

  const ended = (exchange: Exchange, outcome: Outcome) => {
    const cells = cellsOf(exchange.method, outcome.status);
    cells.requests.value += 1;
    cells.duration.observe((clock.now() - exchange.startedAt) / 1000);
    const { error } = outcome;
    if (error !== undefined && error.source === 'upstream') {
      metrics.upstreamErrors.cell({ route: routeId, upstream: exchange.upstream, code: error.code }).value += 1;
    }
  };

  return (next) => (exchange) => {
    exchange.onEnd((outcome) => ended(exchange, outcome));
    return next(exchange);
  };
}
