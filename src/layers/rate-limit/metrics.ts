import type { Counter } from '../../lib/cell.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Decision } from './limiter.ts';
import type { BucketCounts } from './memory.ts';

type Without = NonNullable<Decision['without']>;

export type RateLimitMetrics = ReturnType<typeof rateLimitMetrics>;

/** @param buckets what is counted in; outlives configurations as the metrics do */
export function rateLimitMetrics(metrics: Metrics, buckets: BucketCounts) {
  const decisions = metrics.counter(
    'gateway_rate_limit_decisions_total',
    'Requests that a rate limit admitted, with all others, or refused, by route and limit.',
  );
  const openWithout = () => {
    const family = metrics.counter(
      'gateway_rate_limit_without_redis_total',
      'Decisions for which Redis could not be asked: by the share of this instance, open, or closed.',
    );
    const cell = (decision: Without) => family.cell({ decision });
    return { local: cell('local'), open: cell('open'), closed: cell('closed') };
  };
  let without: ReturnType<typeof openWithout> | undefined;
  metrics.gauge('gateway_rate_limit_keys', 'Keys that rate limits remember.', () => [[{}, buckets.keys]]);
  metrics.total(
    'gateway_rate_limit_overflow_total',
    'Decisions on a bucket that new keys share because there were too many.',
    () => buckets.overflows,
  );
  return {
    decisions,
    /** Shows nothing before the first time: who has no Redis cannot be without it. */
    countWithout(decision: Without): void {
      without ??= openWithout();
      without[decision].value += 1;
    },
    /** Shows no series of routes and limits that are not among these: call it when a configuration has taken another's place. */
    keep(routes: ReadonlySet<string>, limits: ReadonlySet<string>): void {
      decisions.keep(({ route = '', limit = '' }) => routes.has(route) && limits.has(limit));
    },
  };
}

/** The cells of one limit on one route, each made when it is first needed. */
export class DecisionCells {
  private readonly metrics: RateLimitMetrics;
  private readonly route: string;
  private readonly limit: string;
  private admitted: Counter | undefined;
  private refused: Counter | undefined;

  constructor(metrics: RateLimitMetrics, route: string, limit: string) {
    this.metrics = metrics;
    this.route = route;
    this.limit = limit;
    this.admitted = undefined;
    this.refused = undefined;
  }

  countAdmitted(): void {
    this.admitted ??= this.open('admitted');
    this.admitted.value += 1;
  }

  countRefused(): void {
    this.refused ??= this.open('refused');
    this.refused.value += 1;
  }

  private open(outcome: 'admitted' | 'refused'): Counter {
    return this.metrics.decisions.cell({ route: this.route, limit: this.limit, outcome });
  }
}
