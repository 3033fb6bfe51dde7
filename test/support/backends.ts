import { formatAddress } from '../../src/lib/address.ts';
import { Wheel } from '../../src/lib/wheel.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import type { Backend, BackendTools } from '../../src/upstream/backend.ts';
import { Backends, type Factories } from '../../src/upstream/backends.ts';
import { MemoryCircuits } from '../../src/upstream/circuits/memory.ts';
import { type BackendConfig, backendSchema } from '../../src/upstream/config.ts';
import { Endpoint } from '../../src/upstream/endpoint.ts';
import type { HealthCheckConfig } from '../../src/upstream/health/config.ts';
import { finishChecks } from '../../src/upstream/health/config.ts';
import { UpstreamMetrics } from '../../src/upstream/metrics.ts';
import { NameCache } from '../../src/upstream/name-cache.ts';
import { ReadBuffers } from '../../src/wire/read-buffer.ts';
import { ReplyHeadParser } from '../../src/wire/reply-head.ts';
import { seeded } from '../upstream/balancers/candidates.ts';
import { FakeTransport, type Sent } from './fake-transport.ts';
import { ManualClock } from './manual-clock.ts';
import { Recorder } from './recorder.ts';

type Written = Record<string, unknown>;

/** A backend as a user writes it, with what the check of a document fills in. */
export function backendOf(given: Written = {}): BackendConfig {
  const { health_check, algorithm = 'round_robin', ...rest } = backendSchema.parse({ upstreams: addresses('a', 'b'), ...given });
  return { ...rest, algorithm, health_checks: finishChecks(health_check, undefined) } as BackendConfig;
}

/** Upstreams `a` to `h` as addresses that need no name, with what is said about each. */
export function addresses(...upstreams: (string | ({ name: string } & Written))[]): Written[] {
  return upstreams.map((one) => {
    const { name, ...rest } = typeof one === 'string' ? { name: one } : one;
    return { address: addressOf(name), ...rest };
  });
}

export function addressOf(name: string): string {
  return `192.0.2.${name.charCodeAt(0) - 96}:80`;
}

export function nameOf(address: string): string {
  return String.fromCharCode(96 + Number(/\.(\d+):/.exec(address)?.[1]));
}

/** What all backends of an instance share, on a clock of the test's and with real connections. Quiet; nothing is probed. */
export function backendTools(
  clock = new ManualClock(),
  given: Partial<BackendTools> = {},
): BackendTools & { clock: ManualClock } {
  return {
    clock,
    wheel: new Wheel(clock),
    parser: new ReplyHeadParser({ headerBytes: 4096, headerCount: 20 }),
    buffers: new ReadBuffers(),
    names: new NameCache({ clock, resolve: async () => [], random: seeded(3) }),
    upstreamMetrics: new UpstreamMetrics(new Metrics()),
    circuits: new MemoryCircuits(clock),
    logger: new Recorder().logger,
    random: seeded(1),
    zone: '',
    probe: async () => undefined,
    refused: () => false,
    ...given,
  };
}

/** Backends whose endpoints do what the test says, and no socket in sight. */
export class BackendRig {
  readonly clock = new ManualClock();
  readonly log = new Recorder();
  readonly metrics = new Metrics();
  readonly tools: BackendTools;
  readonly backends: Backends;
  /** Every request that came to an endpoint, the first one first. */
  readonly sent: Sent[] = [];
  /** Every transport that was opened, those of endpoints that are gone too. */
  readonly transports: FakeTransport[] = [];
  /** Called with each request as it comes. */
  onSend: ((sent: Sent) => void) | undefined;
  /** What probes of an endpoint find: a problem, or nothing. */
  readonly problems = new Map<string, string>();
  /** What names stand for, as far as they can be resolved. */
  readonly hosts = new Map<string, string[]>();
  random = seeded(1);
  private given = backendOf();

  constructor(given: Partial<BackendTools> = {}) {
    const resolve = async (host: string) => (this.hosts.get(host) ?? []).map((address) => ({ address, family: 4 }));
    this.tools = backendTools(this.clock, {
      names: new NameCache({ clock: this.clock, resolve, random: seeded(3) }),
      upstreamMetrics: new UpstreamMetrics(this.metrics),
      logger: this.log.logger,
      random: () => this.random(),
      probe: (endpoint, check) => this.probe(endpoint, check),
      open: (backend, upstream, _config, tools) => {
        const address = formatAddress(upstream.address);
        const metrics = tools.upstreamMetrics.endpoint(backend, address);
        const { host, port } = upstream.address;
        return new Endpoint({
          ...{ backend, address, metrics, terms: upstream, clock: this.clock },
          target: { host, port, secure: false, tls: {} },
          transport: this.transport(address),
        });
      },
      ...given,
    });
    this.backends = new Backends(this.tools);
  }

  private transport(address: string): FakeTransport {
    const transport = new FakeTransport(address, (sent) => {
      this.sent.push(sent);
      this.onSend?.(sent);
    });
    this.transports.push(transport);
    return transport;
  }

  private async probe({ address }: Endpoint, _check: HealthCheckConfig): Promise<string | undefined> {
    return this.problems.get(nameOf(address));
  }

  /** Makes `users` the one backend. */
  apply(given: Written = {}, factories: Factories = new Map()): Backend {
    this.given = backendOf(given);
    this.backends.plan({ users: this.given }, factories).commit();
    return this.backend;
  }

  /** Sets what the checks of an endpoint say, and has the backend hear of it. */
  judge(name: string, ready: boolean): void {
    this.endpoint(name).readiness.health = { ready, reason: 'said the test' };
    this.backend.apply(this.given, undefined);
  }

  get backend(): Backend {
    return this.backends.all()[0] as Backend;
  }

  endpoint(name: string): Endpoint {
    const found = this.backend.endpoints.find(({ address }) => address === addressOf(name));
    if (found === undefined) throw new Error(`there is no endpoint ${name}`);
    return found;
  }

  transportOf(name: string): FakeTransport {
    return this.endpoint(name).transport as FakeTransport;
  }

  /** The names of the endpoints that requests went to. */
  get asked(): string {
    return this.sent.map(({ address }) => nameOf(address)).join('');
  }

  /** The last request that came. */
  get last(): Sent {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  /** Attempts in progress, of all endpoints. */
  get active(): number {
    return this.backend.endpoints.reduce((sum, { active }) => sum + active, 0);
  }
}
