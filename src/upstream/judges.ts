import { isDeepStrictEqual } from 'node:util';
import type { GatewayError } from '../http/errors.ts';
import type { Timeout, Wheel } from '../lib/wheel.ts';
import type { Logger } from '../telemetry/log.ts';
import type { BackendConfig, OutlierConfig } from './config.ts';
import type { Endpoint } from './endpoint.ts';
import { faultOf } from './fault.ts';
import type { HealthCheckConfig } from './health/config.ts';
import { HealthChecks } from './health/health-checks.ts';
import { OutlierDetector } from './outlier.ts';
import { READY, type Verdict } from './readiness.ts';

export interface JudgeTools {
  readonly wheel: Wheel;
  readonly random: () => number;
  readonly logger: Logger;
  readonly probe: (endpoint: Endpoint, check: HealthCheckConfig, signal: AbortSignal) => Promise<string | undefined>;
}

/** An endpoint that fails one connection and answers on another would fill the log: milliseconds between two lines. */
const TELL_EVERY = 1000;

/**
 * All who judge the endpoints of one backend: active checks, the outlier detector, and connections that do not come
 * about. They write into each endpoint's readiness, which is the one view that balancers, `/stats` and metrics share.
 */
export class Judges {
  private readonly backend: string;
  private readonly tools: JudgeTools;
  private readonly changed: () => void;
  private checks: readonly HealthCheckConfig[] = [];
  private health: HealthChecks<Endpoint> | undefined;
  private outlierConfig: OutlierConfig | undefined;
  private outlier: OutlierDetector<Endpoint> | undefined;
  private readonly pauses = new Map<Endpoint, Timeout>();
  private readonly toldAt = new WeakMap<Endpoint, number>();
  private endpoints: readonly Endpoint[] = [];

  /** @param changed an endpoint has become ready, or has ceased to be */
  constructor(backend: string, tools: JudgeTools, changed: () => void) {
    this.backend = backend;
    this.tools = tools;
    this.changed = changed;
  }

  /** From now on these are judged, in this way. Those that stay keep what is known of them, as far as the way stays. */
  apply(config: Pick<BackendConfig, 'health_checks' | 'outlier_detection'>, endpoints: readonly Endpoint[]): void {
    this.endpoints = endpoints;
    this.applyChecks(config.health_checks);
    this.applyOutlier(config.outlier_detection);
    for (const [endpoint, pause] of this.pauses) {
      if (endpoints.includes(endpoint)) continue;
      pause.remove();
      this.pauses.delete(endpoint);
    }
  }

  private applyChecks(checks: readonly HealthCheckConfig[]): void {
    if (!isDeepStrictEqual(checks, this.checks)) {
      this.checks = checks;
      this.health?.close();
      this.health = undefined;
      if (checks.length === 0) for (const endpoint of this.endpoints) endpoint.readiness.health = READY;
    }
    if (checks.length === 0) return;
    // Other checks, the same upstreams: who was not ready has to pass them first.
    const failing = this.endpoints.filter(({ readiness }) => !readiness.health.ready);
    const doubted = new Map(failing.map((one) => [one, one.readiness.health.reason.replace(/^.*?: /, '')]));
    const { wheel, random, probe } = this.tools;
    this.health ??= new HealthChecks(checks, {
      clock: wheel.clock,
      random,
      probe,
      changed: (one, verdict) => this.judged(one, 'health', verdict),
    });
    this.health.update(this.endpoints, doubted);
  }

  private applyOutlier(config: OutlierConfig | undefined): void {
    if (!isDeepStrictEqual(config, this.outlierConfig)) {
      this.outlierConfig = config;
      this.outlier?.close();
      this.outlier = undefined;
      for (const endpoint of this.endpoints) endpoint.readiness.outlier = READY;
    }
    if (config === undefined) return;
    const changed = (endpoint: Endpoint, verdict: Verdict) => this.judged(endpoint, 'outlier', verdict);
    this.outlier ??= new OutlierDetector(config, this.tools.wheel.clock, changed);
    this.outlier.update(this.endpoints);
  }

  /** A reply's head came. */
  replied(endpoint: Endpoint, status: number): void {
    if (status >= 500) this.outlier?.failed(endpoint);
    const { reachable } = endpoint.readiness;
    endpoint.readiness.reached();
    if (reachable) return;
    this.pauses.get(endpoint)?.clear();
    this.changed();
  }

  /** A good reply has come to its end: one whose body breaks off is none. */
  served(endpoint: Endpoint): void {
    this.outlier?.succeeded(endpoint);
  }

  failed(endpoint: Endpoint, error: GatewayError): void {
    this.outlier?.failed(endpoint);
    if (faultOf(error.code) === 'connect') this.passOver(endpoint, error);
  }

  private passOver(endpoint: Endpoint, error: GatewayError): void {
    if (!this.endpoints.includes(endpoint)) return;
    const now = this.tools.wheel.clock.now();
    const pause = endpoint.readiness.missed(now);
    if (pause === undefined) return;
    const timeout = this.pauses.get(endpoint) ?? this.tools.wheel.timeout(() => this.pauseOver(endpoint));
    this.pauses.set(endpoint, timeout);
    timeout.set(pause);
    this.tell(endpoint, { problem: problemOf(error), pause_ms: pause }, now);
    this.changed();
  }

  private tell(endpoint: Endpoint, fields: { problem: string; pause_ms: number }, now: number): void {
    if (now - (this.toldAt.get(endpoint) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY) return;
    this.toldAt.set(endpoint, now);
    this.tools.logger.warn({ backend: this.backend, upstream: endpoint.address, ...fields }, 'connections to an upstream fail');
  }

  private pauseOver(endpoint: Endpoint): void {
    endpoint.readiness.paused();
    this.changed();
  }

  private judged(endpoint: Endpoint, which: 'health' | 'outlier', verdict: Verdict): void {
    endpoint.readiness[which] = verdict;
    const fields = { backend: this.backend, upstream: endpoint.address, reason: verdict.reason };
    if (verdict.ready) this.tools.logger.info(fields, 'an upstream is ready again');
    else this.tools.logger.warn(fields, 'an upstream is not ready');
    this.changed();
  }

  close(): void {
    this.health?.close();
    this.outlier?.close();
    // Attempts that are still on their way may fail later.
    this.endpoints = [];
    for (const pause of this.pauses.values()) pause.remove();
    this.pauses.clear();
  }
}

/** For operators: of what fails below HTTP, a name server and TLS among it, the client is told nothing. */
function problemOf({ code, cause }: GatewayError): string {
  return cause instanceof Error ? cause.message : code;
}
