import type { Counter, Histogram } from '../lib/cell.ts';
import { DURATION_BOUNDS, type Family, type Metrics } from '../telemetry/metrics.ts';
import { CircuitMetrics } from './circuits/metrics.ts';
import type { TransportState } from './transport.ts';

/** What became of the wish to ask again: sent again, sent to a second upstream beside the first, refused by the budget. */
const RETRY_OUTCOMES = ['sent', 'hedged', 'no_budget'] as const;
export type RetryOutcome = (typeof RETRY_OUTCOMES)[number];

/** The status of attempts that ended without a reply. */
const NO_REPLY = 'none';

/** The cells of one endpoint: asked for when it is made, closed with it. */
export interface EndpointMetrics {
  /** An attempt ended: with the status of the reply's head, or undefined when there was none. `ms` since it was sent. */
  attempted(status: number | undefined, ms: number): void;
  /** Once; the series are shown no more, unless another endpoint of the same name and address is open. */
  close(): void;
}

/** The cells of one backend: asked for when it is made, closed with it. */
export interface BackendMetrics {
  readonly retries: Readonly<Record<RetryOutcome, Counter>>;
  /** Once; as with endpoints. */
  close(): void;
}

/** Counts attempts, where `gateway_requests_total` counts what clients asked for. One for an instance. */
export class UpstreamMetrics {
  readonly circuits: CircuitMetrics;
  private readonly metrics: Metrics;
  private readonly requests: Family<Counter>;
  private readonly duration: Family<Histogram>;
  private readonly retries: Family<Counter>;
  private readonly endpoints = new Map<string, { series: EndpointSeries; users: number }>();
  private readonly backends = new Map<string, number>();

  constructor(metrics: Metrics) {
    this.metrics = metrics;
    this.circuits = new CircuitMetrics(metrics);
    this.requests = metrics.counter(
      'gateway_upstream_requests_total',
      'Attempts that have ended, by class of status; none: no reply came.',
    );
    this.duration = metrics.histogram(
      'gateway_upstream_request_duration_seconds',
      'From sending an attempt to the head of its reply.',
      DURATION_BOUNDS,
    );
    this.retries = metrics.counter('gateway_retries_total', 'Further attempts for one request, and those the budget refused.');
  }

  /**
   * A backend that changes is made anew before the old one closes, often with the same addresses: both then count in
   * the same series, which stays until the last of them has closed.
   * @param upstream its address, "host:port"
   */
  endpoint(backend: string, upstream: string): EndpointMetrics {
    const name = `${backend}/${upstream}`;
    const shared = this.endpoints.get(name) ?? {
      series: new EndpointSeries(this.requests, this.duration, { backend, upstream }),
      users: 0,
    };
    shared.users += 1;
    this.endpoints.set(name, shared);
    return {
      attempted: (status, ms) => shared.series.attempted(status, ms),
      close: () => {
        shared.users -= 1;
        if (shared.users > 0) return;
        this.endpoints.delete(name);
        shared.series.close();
      },
    };
  }

  backend(name: string): BackendMetrics {
    const cell = (outcome: RetryOutcome) => this.retries.cell({ backend: name, outcome });
    this.backends.set(name, (this.backends.get(name) ?? 0) + 1);
    return {
      retries: { sent: cell('sent'), hedged: cell('hedged'), no_budget: cell('no_budget') },
      close: () => {
        const users = (this.backends.get(name) ?? 1) - 1;
        if (users > 0) {
          this.backends.set(name, users);
          return;
        }
        this.backends.delete(name);
        for (const outcome of RETRY_OUTCOMES) this.retries.remove({ backend: name, outcome });
      },
    };
  }

  /** Shows connections as they are when somebody scrapes. Call once. */
  pools(read: () => Iterable<{ backend: string; upstream: string; state: TransportState }>): void {
    this.metrics.gauge('gateway_pool_connections', 'Connections to upstreams, by what they do.', () =>
      [...read()].flatMap(({ backend, upstream, state: { connections, idle } }) => [
        [{ backend, upstream, state: 'active' }, connections - idle] as const,
        [{ backend, upstream, state: 'idle' }, idle] as const,
      ]),
    );
  }
}

/** Each cell is made when it is first needed: an upstream that is never asked shows no series. */
class EndpointSeries {
  private readonly requests: Family<Counter>;
  private readonly duration: Family<Histogram>;
  private readonly labels: { readonly backend: string; readonly upstream: string };
  private readonly byClass = new Map<string, Counter>();
  private seconds: Histogram | undefined;
  private closed = false;

  constructor(requests: Family<Counter>, duration: Family<Histogram>, labels: { backend: string; upstream: string }) {
    this.requests = requests;
    this.duration = duration;
    this.labels = labels;
  }

  attempted(status: number | undefined, ms: number): void {
    // An attempt may outlive its endpoint, and would bring the series back for ever.
    if (this.closed) return;
    const name = status === undefined ? NO_REPLY : `${Math.floor(status / 100)}xx`;
    let counter = this.byClass.get(name);
    if (counter === undefined) {
      counter = this.requests.cell({ ...this.labels, status: name });
      this.byClass.set(name, counter);
    }
    counter.value += 1;
    if (status === undefined) return;
    this.seconds ??= this.duration.cell(this.labels);
    this.seconds.observe(ms / 1000);
  }

  close(): void {
    this.closed = true;
    for (const status of this.byClass.keys()) this.requests.remove({ ...this.labels, status });
    this.duration.remove(this.labels);
  }
}
