import type { Metrics } from '../telemetry/metrics.ts';

/** Whether an instance takes requests: not yet, now, or no more. */
export type GatewayState = 'starting' | 'ready' | 'draining';

/** A configuration that was read anew. Times are milliseconds since 1970. */
export interface ReloadView {
  readonly at: number;
  readonly outcome: string;
  /** Absent when it could not be found out. */
  readonly version?: string;
  /** What was wrong with it. */
  readonly problems?: readonly string[];
}

export interface RouteView {
  readonly id: string;
  readonly path: string;
  readonly methods: readonly string[] | 'all';
  /** Undefined: the gateway answers itself. */
  readonly backend: string | undefined;
}

/** The circuit of an upstream. `requests` and `failures` are those that were judged within the window, while it was closed. */
export interface CircuitView {
  readonly state: 'closed' | 'open' | 'half_open';
  /** ISO 8601. */
  readonly since: string;
  /** Why it opened last; undefined while it is closed. */
  readonly reason?: string | undefined;
  readonly requests: number;
  readonly failures: number;
  /** How often it has opened. */
  readonly openings: number;
  /** Of an open one: seconds until it is tried. */
  readonly tried_in_s?: number | undefined;
}

/** One address of a backend. Counts are since it was made, `latency_ms` is a moving average, 0 while it is not known. */
export interface UpstreamView {
  readonly address: string;
  readonly weight: number;
  readonly ready: boolean;
  /** Why it is not ready; undefined when it is. */
  readonly reason?: string | undefined;
  /** Attempts in progress. */
  readonly active: number;
  readonly requests: number;
  readonly failures: number;
  readonly latency_ms: number;
  readonly connections: number;
  readonly idle: number;
  readonly queued: number;
  /** Undefined: it has none. */
  readonly circuit?: CircuitView | undefined;
}

export interface BackendView {
  readonly algorithm: string;
  readonly upstreams: readonly UpstreamView[];
}

/** What the admin address asks the instance. Everything is asked anew each time, and answered from memory. */
export interface AdminView {
  state(): GatewayState;
  /** Milliseconds since it was made. */
  uptime(): number;
  /** Client connections that are open. */
  connections(): number;
  /** The configuration in force, and the last reloads, the newest first. */
  config(): { readonly version: string; readonly loadedAt: number; readonly reloads: readonly ReloadView[] };
  routes(): readonly RouteView[];
  backends(): Readonly<Record<string, BackendView>>;
  /** What is shared with a fleet, by names; undefined: nothing is. */
  shared(): Readonly<Record<string, unknown>> | undefined;
  /** A fault of ours, for the log: whoever asked is told nothing of it. */
  failed(error: unknown): void;
  readonly metrics: Metrics;
  /** Undefined: metrics are not shown. */
  readonly metricsPath: string | undefined;
  /** Empty: what reveals the inside is off. */
  token(): string;
  /** Of the package. */
  readonly version: string;
}
