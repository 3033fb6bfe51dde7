import { GatewayError } from '../../http/errors.ts';
import type { Counter } from '../../lib/cell.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Endpoint } from '../endpoint.ts';
import type { UpstreamMetrics } from '../metrics.ts';
import { READY } from '../readiness.ts';
import { AttemptVerdict } from './attempt-verdict.ts';
import type { CircuitState, Circuits } from './circuits.ts';
import type { CircuitConfig } from './config.ts';

export interface CircuitTools {
  readonly circuits: Circuits;
  readonly logger: Logger;
  readonly upstreamMetrics: UpstreamMetrics;
}

/**
 * The circuits of one backend: what its policy makes of the ends of attempts, and what the states mean for its endpoints,
 * whose readiness they are written into.
 */
export class BackendCircuits {
  private readonly backend: string;
  private readonly tools: CircuitTools;
  private readonly changed: () => void;
  private policy: CircuitConfig | undefined;
  private readonly open = new Set<Endpoint>();
  private endpoints: ReadonlySet<Endpoint> = new Set();
  private refused: Counter | undefined;

  /** @param changed an endpoint may be sent to again, or no more */
  constructor(backend: string, tools: CircuitTools, changed: () => void) {
    this.backend = backend;
    this.tools = tools;
    this.changed = changed;
  }

  /** From now on these have circuits, by this policy. Those that stay keep theirs as they are. */
  apply(config: CircuitConfig | undefined, endpoints: readonly Endpoint[]): void {
    this.policy = config?.enabled ? config : undefined;
    const next = new Set(this.policy === undefined ? [] : endpoints);
    for (const endpoint of this.endpoints) if (!next.has(endpoint)) this.forget(endpoint);
    this.endpoints = next;
    const { circuits: metrics } = this.tools.upstreamMetrics;
    if (this.policy === undefined) {
      this.refused = undefined;
      metrics.forgetBackend(this.backend);
      return;
    }
    this.refused = metrics.refused(this.backend);
    for (const endpoint of next) this.watch(endpoint, this.policy);
  }

  private watch(endpoint: Endpoint, policy: CircuitConfig): void {
    const { circuits, upstreamMetrics } = this.tools;
    endpoint.circuit = circuits.watch(endpoint, policy, (state, reason) => this.turned(endpoint, state, reason));
    this.judge(endpoint, endpoint.circuit.state, endpoint.circuit.reason);
    upstreamMetrics.circuits.watched(this.labels(endpoint));
  }

  private forget(endpoint: Endpoint): void {
    this.tools.circuits.forget(endpoint);
    this.tools.upstreamMetrics.circuits.forget(this.labels(endpoint));
    endpoint.circuit = undefined;
    this.open.delete(endpoint);
    endpoint.readiness.circuit = READY;
  }

  private labels({ address }: Endpoint): { backend: string; upstream: string } {
    return { backend: this.backend, upstream: address };
  }

  private judge(endpoint: Endpoint, state: CircuitState, reason: string): void {
    const { readiness } = endpoint;
    if (state === 'open') this.open.add(endpoint);
    else this.open.delete(endpoint);
    if (state === 'closed') readiness.circuit = READY;
    else if (state === 'open') readiness.circuit = { ready: false, reason: `circuit open: ${reason}` };
    else readiness.circuit = { ready: true, reason: `circuit half-open: ${reason}` };
  }

  private turned(endpoint: Endpoint, state: CircuitState, reason: string): void {
    const { logger, upstreamMetrics } = this.tools;
    const labels = this.labels(endpoint);
    upstreamMetrics.circuits.turned(labels, state);
    if (state === 'open') logger.warn({ ...labels, reason }, 'the circuit of an upstream has opened');
    else if (state === 'half_open') logger.info({ ...labels, reason }, 'the circuit of an upstream is half-open');
    else logger.info(labels, 'the circuit of an upstream has closed');
    this.judge(endpoint, state, reason);
    this.changed();
  }

  /** A request has come, which would go to those whose circuits are open, too, if they were not: balancers do not know them. */
  want(): void {
    for (const { circuit } of this.open) circuit?.want();
  }

  /**
   * Leave for an attempt that begins now.
   * @returns undefined where there are no circuits
   * @throws GatewayError `circuit_open`; never for an endpoint that `admits`
   */
  enter(endpoint: Endpoint): AttemptVerdict | undefined {
    const { policy } = this;
    if (policy === undefined) return undefined;
    const permit = this.tools.circuits.enter(endpoint, policy);
    if (permit === undefined) throw this.refusal([endpoint]);
    return new AttemptVerdict(permit, policy.failure_on);
  }

  /** Why none of these could be picked. Counts, where it is the fault of circuits: once for each request. */
  refusal(endpoints: readonly Endpoint[]): GatewayError {
    const barred = endpoints.filter(({ readiness, admits }) => readiness.health.ready && readiness.outlier.ready && !admits);
    if (barred.length === 0) return new GatewayError('upstream_unavailable');
    if (this.refused !== undefined) this.refused.value += 1;
    const error = new GatewayError('circuit_open');
    const wait = Math.min(...barred.map(({ circuit }) => circuit?.wait ?? 0));
    error.retryAfter = Math.max(1, Math.ceil(wait / 1000));
    return error;
  }

  close(): void {
    this.apply(undefined, []);
  }
}
