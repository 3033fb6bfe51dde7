import { AdminServer } from './admin/admin.ts';
import { instanceGauges } from './admin/instance-gauges.ts';
import { backendViews, routeViews } from './admin/instance-view.ts';
import type { GatewayState } from './admin/view.ts';
import { bootDifferences } from './config/boot-keys.ts';
import type { Config } from './config/document.ts';
import { type Outcome, Reloads } from './config/reload.ts';
import type { ConfigSource } from './config/source.ts';
import { RequestIds } from './http/request-id.ts';
import { requestMetrics } from './layers/observe/metrics.ts';
import { type Address, parseAddress } from './lib/address.ts';
import { HttpDate, systemClock } from './lib/clock.ts';
import { leadsTo } from './lib/own-address.ts';
import { packageVersion } from './lib/package-version.ts';
import { inSlices } from './lib/slices.ts';
import { Wheel } from './lib/wheel.ts';
import { HttpServer } from './server/server.ts';
import { embedded } from './shared/embedded.ts';
import { overRedis } from './shared/over-redis.ts';
import type { SharedState } from './shared/shared-state.ts';
import { compile, compileSteps, type Parts } from './snapshot/compile.ts';
import { Current } from './snapshot/current.ts';
import { loadBalancers } from './snapshot/custom-balancers.ts';
import { type LayerFactories, loadLayers } from './snapshot/custom-layers.ts';
import { Extensions } from './snapshot/extensions.ts';
import { type LayerParts, openLayerParts } from './snapshot/layer-parts.ts';
import { ConfigMetrics } from './telemetry/config-metrics.ts';
import { connectionMetrics } from './telemetry/connection-metrics.ts';
import { type Log, type Logger, logOf, openLog } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import { processMetrics } from './telemetry/process-metrics.ts';
import type { Backends } from './upstream/backends.ts';
import type { UpstreamMetrics } from './upstream/metrics.ts';
import { openBackends } from './upstream/open-backends.ts';

/** One instance of the gateway. */
export interface Gateway {
  /** Listens. Rejects, and listens nowhere, when an address cannot be had or a module of the configuration not loaded. */
  start(): Promise<void>;
  /** Where it takes requests, as "host:port". Empty until it has started. */
  readonly http: readonly string[];
  /** Where it takes requests over TLS, in the same way. */
  readonly https: readonly string[];
  /** Where it can be asked about itself, as "host:port". */
  readonly admin: string;
  /**
   * Takes another configuration without dropping a connection; requests in progress finish with the one they began with.
   * Resolves when it is in force or was refused, and never rejects: a bad one changes nothing.
   * @param config already checked; absent: what the source holds now
   */
  reload(config?: Config): Promise<Outcome>;
  /** Opens the log file anew, if there is one: after somebody has renamed it. */
  reopenLog(): void;
  /** Stops accepting, finishes what goes on within `server.timeouts.drain`, then closes. */
  drain(): Promise<void>;
  /** Closes at once: what goes on is cut. */
  close(): Promise<void>;
}

export interface GatewayOptions {
  /** Default: the one that the configuration describes. Whoever gives one closes it. */
  readonly log?: Log;
  /** In its place, for application lines alone: there is no access log then. */
  readonly logger?: Logger;
  /** Where `reload` without a configuration finds one; watched if `config_source.file.watch` says so. Closed with the gateway. */
  readonly source?: ConfigSource;
  /** The version of the configuration it starts with, as the source counts. */
  readonly version?: string;
  /** What names of modules are relative to. Default: the working directory. */
  readonly directory?: string;
}

/** Puts an instance together, in order of need. Nothing listens and nothing connects before `start`. */
export function createGateway(config: Config, options: GatewayOptions = {}): Gateway {
  return new Instance(config, options);
}

class Instance implements Gateway {
  private config: Config;
  readonly log: Log;
  private readonly ownLog: boolean;
  private readonly startedAt = systemClock.now();
  private readonly wheel = new Wheel(systemClock);
  private readonly metrics = new Metrics();
  private readonly configMetrics = new ConfigMetrics(this.metrics);
  private readonly requestMetrics = requestMetrics(this.metrics);
  readonly upstreamMetrics: UpstreamMetrics;
  private readonly closeBackends: () => void;
  private readonly shared: SharedState;
  private readonly layers: LayerParts;
  readonly backends: Backends;
  private readonly extensions: Extensions;
  private readonly current: Current;
  readonly server: HttpServer;
  private readonly reloads: Reloads;
  private readonly adminServer: AdminServer;
  private readonly source: ConfigSource | undefined;
  private state: GatewayState = 'starting';
  private stopProcessMetrics: (() => void) | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  admin = '';

  constructor(config: Config, options: GatewayOptions) {
    const { logger: given, source, version = 'given', directory = '.' } = options;
    const log = options.log ?? (given === undefined ? undefined : logOf(given));
    const { wheel, metrics } = this;
    this.config = config;
    this.ownLog = log === undefined;
    this.log = log ?? openLog(config.log, systemClock);
    this.source = source;
    const { logger } = this.log;
    const { redis, fleet } = config;
    const tools = { clock: systemClock, logger, metrics, random: Math.random };
    const shared = redis === undefined ? embedded(systemClock) : overRedis({ redis, fleet, ...tools });
    this.shared = shared;
    this.layers = openLayerParts({ wheel, logger, metrics, shared });
    const refused = (host: string, port: number) => leadsTo({ host, port }, this.adminAddress);
    const { circuits, members } = shared;
    const { zone } = config.server;
    const upstream = openBackends({ wheel, logger, metrics, random: Math.random, circuits, members, zone, refused });
    this.backends = upstream.backends;
    this.upstreamMetrics = upstream.upstreamMetrics;
    this.closeBackends = upstream.close;
    this.extensions = new Extensions(config.extensions.directories, directory);
    // Nobody enters it before `start` has put the configuration's own in its place.
    this.current = new Current(
      compile({ ...config, routes: [] }, this.parts(config, this.backends.plan({}, new Map()), new Map())),
    );
    this.server = new HttpServer(config.server, {
      current: this.current,
      ids: new RequestIds(systemClock),
      wheel,
      date: new HttpDate(systemClock),
      logger,
      metrics: connectionMetrics(metrics),
    });
    this.reloads = new Reloads({
      source,
      version,
      apply: async (next) => {
        if (this.starting === undefined) throw new Error('the gateway has not been started');
        await this.apply(next);
      },
      refuses: (next) => bootDifferences(this.config, next),
      clock: systemClock,
      logger,
      onOutcome: (outcome) => this.reloaded(outcome),
    });
    this.adminServer = new AdminServer(this.view());
    instanceGauges(metrics, this);
  }

  /** Where it listens, or will. */
  private get adminAddress(): Address {
    const bound = parseAddress(this.admin);
    return typeof bound === 'string' ? this.config.admin.addr : bound;
  }

  private parts({ log }: Config, backends: Parts['backends'], customLayers: LayerFactories): Parts {
    const { wheel, layers, requestMetrics: counted } = this;
    return {
      backends,
      layers,
      customLayers,
      wheel,
      requestMetrics: counted,
      tries: { wheel, random: Math.random },
      accessLines: this.log.access(log.level),
    };
  }

  private view(): ConstructorParameters<typeof AdminServer>[0] {
    const { metrics: metricsConfig } = this.config;
    return {
      state: () => this.state,
      uptime: () => systemClock.now() - this.startedAt,
      connections: () => this.server.open,
      config: () => ({ version: this.reloads.version, loadedAt: this.configMetrics.loadedAt, reloads: this.reloads.history }),
      routes: () => routeViews(this.config),
      backends: () => backendViews(this.backends.all()),
      shared: () => this.shared.view(),
      failed: (error) => this.log.logger.error({ err: error }, 'an admin request failed'),
      metrics: this.metrics,
      metricsPath: metricsConfig.prometheus ? metricsConfig.metrics_path : undefined,
      token: () => this.config.admin.token,
      version: packageVersion(),
    };
  }

  get http(): readonly string[] {
    return this.server.addresses;
  }

  get https(): readonly string[] {
    return this.server.secureAddresses;
  }

  start(): Promise<void> {
    this.starting ??= this.open();
    return this.starting;
  }

  private async open(): Promise<void> {
    try {
      if (this.config.metrics.prometheus) this.stopProcessMetrics = processMetrics(this.metrics, packageVersion());
      await Promise.all([this.apply(this.config), this.shared.open()]);
      this.configMetrics.loaded(this.reloads.version, systemClock.wall());
      await this.server.listen();
      this.stillOpen();
      this.state = 'ready';
      this.admin = await this.adminServer.listen(this.config.admin.addr);
      if (this.closing !== undefined) this.adminServer.close();
      this.stillOpen();
      if (this.config.config_source.file.watch) this.reloads.watch();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Builds all of the new world beside the old one, then changes over in one go. */
  private async apply(config: Config): Promise<void> {
    const factories = await loadBalancers(config.backends, this.extensions);
    const layers = await loadLayers(config.routes, this.extensions);
    const plan = this.backends.plan(config.backends, factories);
    try {
      const snapshot = await inSlices(compileSteps(config, this.parts(config, plan, layers)), systemClock);
      this.stillOpen();
      // The one that may fail yet; what follows cannot.
      this.server.apply(config.server);
      plan.commit();
      this.current.swap(snapshot);
    } catch (error) {
      plan.discard();
      throw error;
    }
    this.log.setLevel(config.log.level);
    this.config = config;
    const upstreams = this.backends.all().flatMap(({ endpoints }) => endpoints.map(({ label }) => label));
    const routes = new Set(['none', 'all', ...config.routes.map(({ id }) => id)]);
    this.requestMetrics.keep(routes, new Set(upstreams));
    this.layers.adopted(config, routes);
  }

  /** Somebody may close it while it waits for something. @throws Error then */
  private stillOpen(): void {
    if (this.closing !== undefined) throw new Error('the gateway is closed');
  }

  private reloaded({ outcome, version, at }: Outcome): void {
    this.configMetrics.reloaded(outcome);
    if (outcome === 'applied' && version !== undefined) this.configMetrics.loaded(version, at);
  }

  async reload(config?: Config): Promise<Outcome> {
    // Two configurations at a time would be put together into none.
    await this.starting?.catch(() => {});
    return config === undefined ? this.reloads.reload('asked') : this.reloads.adopt(config);
  }

  reopenLog(): void {
    this.log.reopen();
  }

  async drain(): Promise<void> {
    if (this.state !== 'ready') return;
    this.state = 'draining';
    const { drain_lead } = this.config.server.timeouts;
    if (drain_lead > 0) await new Promise<void>((resolve) => systemClock.after(drain_lead, resolve));
    this.layers.draining.announce();
    const clean = await this.server.drain();
    if (!clean) this.log.logger.warn('connections were cut when the drain timeout was over');
    await this.shared.leave();
    await this.close();
  }

  close(): Promise<void> {
    this.state = 'draining';
    this.closing ??= this.closeAll();
    return this.closing;
  }

  /** In reverse: what takes requests first, what writes down how they ended last. */
  private async closeAll(): Promise<void> {
    this.reloads.close();
    this.source?.close();
    this.server.close();
    this.adminServer.close();
    this.closeBackends();
    this.layers.close();
    this.shared.close();
    this.stopProcessMetrics?.();
    if (this.ownLog) await this.log.close();
  }
}
