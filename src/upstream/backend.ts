import { isDeepStrictEqual } from 'node:util';
import type { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { formatAddress } from '../lib/address.ts';
import { RecentQuantile } from '../lib/quantile.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { AttemptKeeper } from './attempt.ts';
import type { Balancer } from './balancer.ts';
import { candidates } from './candidates.ts';
import type { AttemptVerdict } from './circuits/attempt-verdict.ts';
import { BackendCircuits, type CircuitTools } from './circuits/backend-circuits.ts';
import type { BackendConfig, UpstreamConfig } from './config.ts';
import type { Endpoint } from './endpoint.ts';
import { Judges, type JudgeTools } from './judges.ts';
import type { BackendMetrics } from './metrics.ts';
import { connectionTerms, type EndpointTools, openEndpoint } from './open-endpoint.ts';
import { RetryBudget } from './retry/budget.ts';

/** What all backends of an instance share. */
export interface BackendTools extends EndpointTools, JudgeTools, CircuitTools {
  /** Where the gateway stands. */
  readonly zone: string;
  /** Instances that share what a budget allows; 1 unless given. */
  readonly members?: (() => number) | undefined;
  /** How endpoints are made: with real connections unless given. */
  readonly open?: typeof openEndpoint;
}

/** An endpoint, what its connections were made of, and how to hear no more of its name. */
interface Held {
  readonly endpoint: Endpoint;
  readonly terms: unknown;
  readonly unwatch: () => void;
}

/** How many endpoints are looked at for one that takes the request at once. */
const LOOKS = 64;
/** An endpoint that has just become ready gets this share at least, or it would never warm up. */
const LEAST_SHARE = 0.1;

/**
 * A named service: its endpoints, which of them are ready, and how one is picked. Outlives configurations: what a new
 * one leaves as it was keeps its connections, its health and its place in the round.
 */
export class Backend implements AttemptKeeper {
  readonly name: string;
  readonly budget: RetryBudget;
  readonly metrics: BackendMetrics;
  private readonly tools: BackendTools;
  private readonly wheel: Wheel;
  private config: BackendConfig;
  private held = new Map<string, Held>();
  private list: readonly Endpoint[] = [];
  private picked: readonly Endpoint[] = [];
  private balancer: Balancer<Endpoint>;
  private quantile: RecentQuantile | undefined;
  private readonly judges: Judges;
  private readonly circuits: BackendCircuits;

  constructor(name: string, config: BackendConfig, tools: BackendTools, balancer: Balancer<Endpoint>) {
    this.name = name;
    this.config = config;
    this.tools = tools;
    this.wheel = tools.wheel;
    this.balancer = balancer;
    this.metrics = tools.upstreamMetrics.backend(name);
    this.judges = new Judges(name, tools, () => this.refresh());
    this.circuits = new BackendCircuits(name, tools, () => this.refresh());
    this.budget = new RetryBudget(config.retry_budget, tools.wheel.clock, tools.members);
    this.adopt(config);
    this.refresh(true);
  }

  get algorithm(): string {
    return this.config.algorithm;
  }

  get endpoints(): readonly Endpoint[] {
    return this.list;
  }

  /** Times to the head of a reply, from the first time that somebody asks for them. */
  get replyTimes(): RecentQuantile {
    this.quantile ??= new RecentQuantile(this.wheel.clock);
    return this.quantile;
  }

  /** @param balancer a new one; undefined: the one there is goes on */
  apply(config: BackendConfig, balancer: Balancer<Endpoint> | undefined): void {
    this.config = config;
    this.budget.apply(config.retry_budget);
    if (balancer !== undefined) this.balancer = balancer;
    this.adopt(config);
    this.refresh(true);
  }

  private adopt(config: BackendConfig): void {
    const next = new Map<string, Held>();
    for (const upstream of config.upstreams) next.set(formatAddress(upstream.address), this.hold(upstream, config));
    for (const [address, held] of this.held) if (next.get(address)?.endpoint !== held.endpoint) release(held);
    this.held = next;
    this.list = [...next.values()].map(({ endpoint }) => endpoint);
    this.judges.apply(config, this.list);
    this.circuits.apply(config.circuit_breaker, this.list);
  }

  private hold(upstream: UpstreamConfig, config: BackendConfig): Held {
    const terms = connectionTerms(upstream, config);
    const { names, open = openEndpoint } = this.tools;
    const known = this.held.get(formatAddress(upstream.address));
    if (known === undefined) {
      const endpoint = open(this.name, upstream, config, this.tools);
      // Connections to an address that the name has lost are used no more.
      const unwatch = names.watch(upstream.address.host, (addresses) => endpoint.transport.retire(new Set(addresses)));
      return { endpoint, terms, unwatch };
    }
    known.endpoint.terms = upstream;
    if (isDeepStrictEqual(known.terms, terms)) return known;
    // It is reached in another way; what is known of its health is as true as before.
    known.endpoint.reconnect(open(this.name, upstream, config, this.tools));
    return { ...known, terms };
  }

  /**
   * The endpoint for the next attempt of an exchange, which begins in this turn: one that has not been tried, while there
   * is one, and whose circuit lets it through.
   * @returns undefined when there is none
   */
  pick(exchange: Exchange, tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    this.circuits.want();
    const endpoint = this.balancer.pick(exchange, tried);
    if (endpoint === undefined) return tried === undefined ? undefined : this.pickAgain(exchange, tried);
    if (admits(endpoint) && this.takes(endpoint)) return endpoint;
    return this.pickOther(endpoint, exchange, tried) ?? this.pickAgain(exchange, tried);
  }

  /** Nothing is left of what the balancer knows: one that stands back for these, or any of them once more. */
  private pickAgain(exchange: Exchange, tried: ReadonlySet<Endpoint> | undefined): Endpoint | undefined {
    const others = this.list.filter((one) => one.readiness.ready && one.admits && !tried?.has(one));
    const idlest = others.reduce<Endpoint | undefined>(
      (best, one) => (best && best.active <= one.active ? best : one),
      undefined,
    );
    const again = idlest ?? this.balancer.pick(exchange);
    return again === undefined || again.admits ? again : this.pickOther(again, exchange, undefined);
  }

  /** Whether a request need not wait there, and the endpoint has come back to its full share or is lucky. */
  private takes(endpoint: Endpoint): boolean {
    if (endpoint.transport.saturated) return false;
    const { slow_start } = this.config;
    if (endpoint.readySince === 0 || slow_start === 0) return true;
    const share = (this.wheel.clock.now() - endpoint.readySince) / slow_start;
    if (share >= 1) endpoint.readySince = 0;
    return share >= 1 || this.tools.random() < Math.max(share, LEAST_SHARE);
  }

  /** @returns undefined when no circuit lets it through, of all that were looked at */
  private pickOther(first: Endpoint, exchange: Exchange, tried: ReadonlySet<Endpoint> | undefined): Endpoint | undefined {
    const passed = new Set(tried).add(first);
    let second = first.admits ? first : undefined;
    for (let looked = 0; looked < LOOKS; looked++) {
      const other = this.balancer.pick(exchange, passed);
      if (other === undefined) break;
      if (admits(other)) {
        if (this.takes(other)) return other;
        second ??= other;
      }
      passed.add(other);
    }
    return second;
  }

  /** Whether an attempt would find an endpoint whose circuit lets it through. */
  get admits(): boolean {
    return this.list.some(({ admits }) => admits);
  }

  /** Why there is no endpoint for an exchange. Once for each that is refused: it counts. */
  refusal(): GatewayError {
    return this.circuits.refusal(this.list);
  }

  begun(endpoint: Endpoint): AttemptVerdict | undefined {
    const verdict = this.circuits.enter(endpoint);
    endpoint.active += 1;
    endpoint.requests += 1;
    this.balancer.changed?.(endpoint);
    return verdict;
  }

  replied(endpoint: Endpoint, status: number, ms: number): void {
    endpoint.metrics.attempted(status, ms);
    endpoint.replied(ms);
    this.quantile?.add(ms);
    if (status >= 500) endpoint.failures += 1;
    this.judges.replied(endpoint, status);
  }

  failed(endpoint: Endpoint, error: GatewayError, replied: boolean): void {
    endpoint.failures += 1;
    if (!replied) endpoint.metrics.attempted(undefined, 0);
    this.judges.failed(endpoint, error);
  }

  ended(endpoint: Endpoint, well: boolean): void {
    endpoint.active -= 1;
    if (well) this.judges.served(endpoint);
    this.balancer.changed?.(endpoint);
  }

  /** Tells the balancer which endpoints there are to pick from, if that has changed. @param terms their weights may have, too */
  private refresh(terms = false): void {
    const { zone } = this.tools;
    const next = candidates(this.list, { zone, panicThreshold: this.config.panic_threshold });
    const before = this.picked;
    if (!terms && next.length === before.length && next.every((one, at) => one === before[at])) return;
    if (this.config.slow_start > 0 && before.length > 0) this.warmUp(next, before);
    this.picked = next;
    this.balancer.update(next);
  }

  private warmUp(next: readonly Endpoint[], before: readonly Endpoint[]): void {
    const known = new Set(before);
    for (const one of next) if (!known.has(one)) one.readySince = this.wheel.clock.now();
  }

  close(): void {
    this.judges.close();
    this.circuits.close();
    for (const held of this.held.values()) release(held);
    this.metrics.close();
  }
}

/** Whether its circuit lets the attempt through; else it knows that there was one. */
function admits(endpoint: Endpoint): boolean {
  if (endpoint.admits) return true;
  endpoint.circuit?.want();
  return false;
}

function release({ endpoint, unwatch }: Held): void {
  unwatch();
  endpoint.transport.close();
  endpoint.metrics.close();
}
