import type { Counter } from '../../lib/cell.ts';
import type { Family, Metrics } from '../../telemetry/metrics.ts';
import type { CircuitState } from './circuits.ts';

const STATES: readonly CircuitState[] = ['closed', 'open', 'half_open'];

interface Labels {
  readonly backend: string;
  /** Its address, "host:port". */
  readonly upstream: string;
}

/** What circuits do, counted. One for an instance. */
export class CircuitMetrics {
  private readonly metrics: Metrics;
  private readonly transitions: Family<Counter>;
  private readonly refusals: Family<Counter>;

  constructor(metrics: Metrics) {
    this.metrics = metrics;
    this.transitions = metrics.counter('gateway_circuit_transitions_total', 'Changes of state, by the state that came.');
    this.refusals = metrics.counter(
      'gateway_circuit_refused_total',
      'Requests that were not sent since no upstream was left whose circuit let them through.',
    );
  }

  /** Shows the series of an upstream before anything happens: only so is the first opening seen as one more. */
  watched({ backend, upstream }: Labels): void {
    for (const to of STATES) this.transitions.cell({ backend, upstream, to });
  }

  turned({ backend, upstream }: Labels, to: CircuitState): void {
    this.transitions.cell({ backend, upstream, to }).value += 1;
  }

  /** What counts the refused requests of a backend. */
  refused(backend: string): Counter {
    return this.refusals.cell({ backend });
  }

  /** The series of an upstream are shown no more. */
  forget({ backend, upstream }: Labels): void {
    for (const to of STATES) this.transitions.remove({ backend, upstream, to });
  }

  /** No upstream of the backend has a circuit any more. */
  forgetBackend(backend: string): void {
    this.refusals.remove({ backend });
  }

  /** Shows states as they are when somebody scrapes. Call once. */
  states(read: () => Iterable<Labels & { state: CircuitState }>): void {
    this.metrics.gauge('gateway_circuit_state', '1 for the state that a circuit is in, 0 for the others.', () =>
      [...read()].flatMap(({ backend, upstream, state }) =>
        STATES.map((each) => [{ backend, upstream, state: each }, each === state ? 1 : 0] as const),
      ),
    );
  }
}
