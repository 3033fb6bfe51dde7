import type { Script } from '../../src/redis/script.ts';
import { type ChannelListener, type Store, StoreError, type StoreState } from '../../src/redis/store.ts';
import type { BeatTwin } from '../fleet/beat-twin.ts';
import type { Machine, World } from './world.ts';

/** The one Redis of a simulated fleet, as far as links see it. Its data may be taken away or made older behind their backs. */
export interface SharedRedis {
  twin: BeatTwin;
  /** How many things keep it from answering. */
  outages: number;
  readonly links: Set<MembersLink>;
  /** Part of messages and answers that are lost. */
  readonly loss: number;
}

/** ms. */
const TIMEOUT = 100;
/** µs. */
const LATENCY = [100, 4000] as const;
/** Failures in a row after which Redis counts as down, and ms between looks from then on. */
const PATIENCE = 3;
const LOOKS = 500;

/** What a machine sees of Redis: through a network that delays, loses, and can be cut. */
export class MembersLink implements Store {
  readonly isCluster = false;
  readonly latency = 1;
  state: StoreState = { condition: 'up', reason: '', since: 0 };
  /** How many things keep it from being reached. */
  cuts = 0;
  private readonly world: World;
  private readonly machine: Machine;
  private readonly redis: SharedRedis;
  private readonly listeners = new Set<(state: StoreState) => void>();
  private readonly channels = new Map<string, ChannelListener>();
  private failures = 0;

  constructor(machine: Machine, redis: SharedRedis) {
    this.world = machine.world;
    this.machine = machine;
    this.redis = redis;
    redis.links.add(this);
  }

  get reaches(): boolean {
    return this.cuts === 0 && this.redis.outages === 0;
  }

  run(script: Script, _keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.state.condition === 'down') return Promise.reject(new StoreError('down', 'it is down'));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const off = this.machine.after(TIMEOUT, () => {
      this.failed();
      reject(new StoreError('late', 'no answer in time'));
    });
    this.travel(() => {
      const reply = this.redis.twin.run(script, args.map(String));
      this.travel(() =>
        this.machine.when(() => {
          off();
          this.failures = 0;
          resolve(reply);
        }),
      );
    });
    return promise;
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  listen(channel: string, listener: ChannelListener): () => void {
    this.channels.set(channel, listener);
    this.machine.after(1, () => listener.gap());
    return () => void this.channels.delete(channel);
  }

  publish(channel: string, text: string): void {
    this.travel(() => {
      for (const link of this.redis.links) link.deliver(channel, text);
    });
  }

  private deliver(channel: string, text: string): void {
    this.travel(() => this.machine.when(() => this.channels.get(channel)?.message(text)));
  }

  private travel(arrive: () => void): void {
    if (!this.reaches || this.world.chance(this.redis.loss)) return;
    this.world.after(this.world.between(...LATENCY), () => this.reaches && arrive());
  }

  private failed(): void {
    this.failures += 1;
    if (this.failures < PATIENCE || this.state.condition === 'down') return;
    this.become('down');
    this.look();
  }

  private look(): void {
    this.machine.after(LOOKS * (0.5 + this.world.random()), () => {
      if (!this.reaches) return this.look();
      this.become('up');
      for (const listener of [...this.channels.values()]) listener.gap();
    });
  }

  private become(condition: StoreState['condition']): void {
    this.failures = 0;
    this.state = { condition, reason: '', since: this.machine.now() };
    for (const listener of [...this.listeners]) listener(this.state);
  }
}
