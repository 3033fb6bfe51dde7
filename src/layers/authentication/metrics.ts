import type { IdentityMethod } from '../../http/identity.ts';
import type { Counter } from '../../lib/cell.ts';
import type { Metrics } from '../../telemetry/metrics.ts';

/** accepted; forbidden: known, but not enough; refused: a credential that does not hold; missing; unavailable: could not be told now. */
export type AuthOutcome = 'accepted' | 'forbidden' | 'refused' | 'missing' | 'unavailable';

export type AuthMetrics = ReturnType<typeof authMetrics>;

export function authMetrics(metrics: Metrics) {
  const total = metrics.counter('gateway_auth_total', 'Requests that had to prove who asks, by route, method and outcome.');
  return {
    total,
    /** Shows no series of routes that are not among these: call it when a configuration has taken another's place. */
    keep: (routes: ReadonlySet<string>) => total.keep(({ route = '' }) => routes.has(route)),
  };
}

/** The cells of one route, each made when it is first needed. */
export class AuthCounts {
  private readonly route: string;
  private readonly metrics: AuthMetrics;
  private readonly cells = new Map<string, Counter>();

  constructor(route: string, metrics: AuthMetrics) {
    this.route = route;
    this.metrics = metrics;
  }

  /** @param method `none` where nothing was shown */
  count(method: IdentityMethod | 'none', outcome: AuthOutcome): void {
    const key = `${method} ${outcome}`;
    let cell = this.cells.get(key);
    if (cell === undefined) {
      cell = this.metrics.total.cell({ route: this.route, method, outcome });
      this.cells.set(key, cell);
    }
    cell.value += 1;
  }
}
