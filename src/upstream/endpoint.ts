import type { Clock } from '../lib/clock.ts';
import { PeakEwma } from '../lib/ewma.ts';
import type { Candidate } from './balancer.ts';
import type { Circuit } from './circuits/circuits.ts';
import type { ProbeTarget } from './health/probe.ts';
import type { EndpointMetrics } from './metrics.ts';
import { Readiness } from './readiness.ts';
import type { Transport } from './transport.ts';

/** What the configuration says about an endpoint and may change while it lives. */
export interface EndpointTerms {
  readonly weight: number;
  readonly backup: boolean;
  readonly zone: string;
}

export interface EndpointParts {
  /** The backend's name. */
  readonly backend: string;
  readonly address: string;
  readonly transport: Transport;
  readonly target: ProbeTarget;
  readonly metrics: EndpointMetrics;
  readonly terms: EndpointTerms;
  readonly clock: Clock;
}

/** One address of a backend, with its connections. Lives as long as its backend names it, whatever is reloaded. */
export class Endpoint implements Candidate {
  /** "host:port", as configuration, logs and metrics show it. */
  readonly address: string;
  /** `backend/address`, for logs and metrics. */
  readonly label: string;
  transport: Transport;
  /** What health checks ask. */
  target: ProbeTarget;
  readonly metrics: EndpointMetrics;
  readonly readiness = new Readiness();
  /** Undefined: it has none. */
  circuit: Circuit | undefined = undefined;
  terms: EndpointTerms;
  /** Attempts in progress. */
  active = 0;
  /** Attempts that have begun, and those that the endpoint failed. */
  requests = 0;
  failures = 0;
  /** When it became ready after it had not been, in monotonic ms; 0: it has its full share. */
  readySince = 0;
  private readonly replyTime: PeakEwma;

  constructor({ backend, address, transport, target, metrics, terms, clock }: EndpointParts) {
    this.address = address;
    this.label = `${backend}/${address}`;
    this.transport = transport;
    this.target = target;
    this.metrics = metrics;
    this.terms = terms;
    this.replyTime = new PeakEwma(clock);
  }

  /** Takes over the connections that were made for another one of the same address. Its own take no more requests. */
  reconnect(other: Endpoint): void {
    this.transport.close();
    this.transport = other.transport;
    this.target = other.target;
    other.metrics.close();
  }

  get weight(): number {
    return this.terms.weight;
  }

  get zone(): string {
    return this.terms.zone;
  }

  /** Whether its circuit lets an attempt begin now. */
  get admits(): boolean {
    return this.circuit === undefined || this.circuit.admits;
  }

  get latency(): number {
    return this.replyTime.value;
  }

  /** @param ms to the head of a reply */
  replied(ms: number): void {
    this.replyTime.add(ms);
  }
}
