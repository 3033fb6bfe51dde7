import type { Clock } from '../lib/clock.ts';
import { type CommandTools, runCommand } from './commands.ts';
import type { RedisConfig } from './config.ts';
import { openDialer } from './connect.ts';
import { Deadlines } from './deadlines.ts';
import { Health } from './health.ts';
import { LoadedScripts } from './loaded-scripts.ts';
import { type MetricRegister, type RedisMetrics, redisMetrics } from './metrics.ts';
import type { Script } from './script.ts';
import { type ChannelListener, type Store, StoreError, type StoreState } from './store.ts';
import { type LineLog, StoreLog } from './store-log.ts';
import { Subscriptions } from './subscriptions.ts';
import { Upkeep } from './upkeep.ts';

export interface RedisStoreTools {
  readonly config: RedisConfig;
  /** A key of this instance's own, for looks: see {@link Keys.probe}. */
  readonly probeKey: string;
  readonly clock: Clock;
  readonly logger: LineLog;
  readonly metrics: MetricRegister;
  /** From 0 to below 1; Math.random unless given. */
  readonly random?: () => number;
}

/**
 * The store of an instance with Redis: one connection for commands and one for channels (of a cluster, one for commands to
 * each node). Until {@link open} it is down.
 */
export class RedisStore implements Store {
  readonly isCluster: boolean;
  private readonly config: RedisConfig;
  private readonly probeKey: string;
  private readonly clock: Clock;
  private readonly log: StoreLog;
  private readonly metrics: RedisMetrics;
  private readonly health: Health;
  private readonly deadlines: Deadlines;
  private readonly scripts = new LoadedScripts();
  private readonly subscriptions: Subscriptions;
  private readonly listeners = new Set<(state: StoreState) => void>();
  private commands: CommandTools | undefined;
  private upkeep: Upkeep | undefined;
  private isClosed = false;
  private evicting = false;
  /** What is told while it is down: one error for all, since each would cost a stack trace. */
  private refusal: StoreError | undefined;

  constructor({ config, probeKey, clock, logger, metrics, random = Math.random }: RedisStoreTools) {
    this.isCluster = config.place.kind === 'cluster';
    this.config = config;
    this.probeKey = probeKey;
    this.clock = clock;
    this.log = new StoreLog(logger);
    const limit = config.command_timeout;
    this.deadlines = new Deadlines(clock, limit);
    this.health = new Health({ clock, limit, random, changed: (state) => this.changed(state) });
    this.metrics = redisMetrics(metrics, () => !this.health.isDown);
    this.subscriptions = new Subscriptions({
      clock,
      random,
      troubled: (reason) => this.log.channels(reason),
      thrown: (error) => this.log.thrown(error),
    });
  }

  get state(): StoreState {
    return this.health.state;
  }

  get latency(): number {
    return this.health.latency;
  }

  /** Whether Redis throws keys away when its memory is full: what is counted in it has no bound then. As of the last look. */
  get evicts(): boolean {
    return this.evicting;
  }

  /**
   * Connects, and goes on trying until {@link close}.
   * @returns when the first try is over, well or not: a second at most, three with Sentinel or a cluster
   */
  async open(): Promise<void> {
    const { clock, config, health, scripts } = this;
    const dialer = await openDialer(config);
    if (this.isClosed) return;
    const limit = config.command_timeout;
    this.commands = { clock, limit, health, scripts, deadlines: this.deadlines, metrics: this.metrics, reasons: dialer.reasons };
    this.log.place = dialer.place;
    this.upkeep = new Upkeep({
      ...{ clock, dialer, health, scripts },
      kind: config.place.kind,
      limit,
      key: this.probeKey,
      evicts: (evicts) => this.foundEviction(evicts),
    });
    this.subscriptions.start(dialer);
    await this.upkeep.look();
  }

  /** Lets go of all connections at once. What is in flight is lost, and told so. */
  close(): void {
    this.isClosed = true;
    // Those who wait are told by the connection that it is gone.
    this.upkeep?.close();
    this.subscriptions.close();
    this.listeners.clear();
    this.health.broken('closed');
    this.upkeep = undefined;
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    const { commands, health } = this;
    const link = this.upkeep?.current;
    if (!health.isDown && link !== undefined && commands !== undefined) return runCommand(commands, link, script, keys, args);
    this.metrics.down.value += 1;
    this.refusal ??= new StoreError('down', `Redis is down: ${health.state.reason}`);
    return Promise.reject(this.refusal);
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  listen(channel: string, listener: ChannelListener): () => void {
    return this.subscriptions.listen(channel, listener);
  }

  publish(channel: string, text: string): void {
    if (!this.health.isDown) this.upkeep?.current?.publish(channel, text).catch(() => {});
  }

  private changed(state: StoreState): void {
    this.refusal = undefined;
    if (this.isClosed) return;
    this.log.condition(state);
    if (state.condition === 'down') this.upkeep?.schedule();
    for (const listener of this.listeners) listener(state);
  }

  private foundEviction(evicts: boolean): void {
    if (evicts !== this.evicting) this.log.eviction(evicts);
    this.evicting = evicts;
  }
}
