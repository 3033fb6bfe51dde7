import type { Clock } from '../../../src/lib/clock.ts';
import { Keys } from '../../../src/redis/keys.ts';
import type { Script } from '../../../src/redis/script.ts';
import { type ChannelListener, type Store, StoreError, type StoreState } from '../../../src/redis/store.ts';
import { FleetCircuits } from '../../../src/upstream/circuits/fleet-circuits.ts';
import { FleetTwin } from './fleet-twin.ts';

/** A Redis that several stores reach, by the twin of its scripts: answers come with the next turn of the event loop. */
export class FleetRedis {
  twin = new FleetTwin();
  readonly stores = new Set<TwinStore>();
  readonly ids: { id: string }[] = [];
  readonly keys = new Keys('sluice:', 'test');
  private readonly clock: Clock;
  private readonly began: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.began = this.twin.now - clock.now() * 1000;
  }

  /** A member with circuits of its own. @param id as instances have them: "machine/nonce/thread" */
  join(id: string, random: () => number = Math.random): { circuits: FleetCircuits; store: TwinStore } {
    const store = new TwinStore(this);
    const members = { self: { id }, living: () => this.ids };
    this.ids.push(members.self);
    return { circuits: new FleetCircuits({ clock: this.clock, store, keys: this.keys, members, random }), store };
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): unknown {
    this.twin.now = this.began + this.clock.now() * 1000;
    return this.twin.run(script, keys, args);
  }

  /** The fleet's last transition of an endpoint. */
  turn(label: string): string {
    return this.twin.circuits.get(this.keys.circuit(label))?.get('turn') ?? '';
  }
}

export class TwinStore implements Store {
  readonly isCluster = false;
  readonly latency = 1;
  state: StoreState = { condition: 'up', reason: '', since: 0 };
  /** Names of scripts that were run. */
  readonly calls: string[] = [];
  /** So many answers are lost yet, after the scripts have run. */
  losing = 0;
  private readonly redis: FleetRedis;
  private readonly listeners = new Set<(state: StoreState) => void>();
  private readonly channels = new Map<string, ChannelListener>();

  constructor(redis: FleetRedis) {
    this.redis = redis;
    redis.stores.add(this);
  }

  async run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    if (this.state.condition === 'down') throw new StoreError('down', 'it is down');
    this.calls.push(script.name);
    const reply = this.redis.run(script, keys, args);
    await undefined;
    if (this.losing === 0) return reply;
    this.losing -= 1;
    throw new StoreError('late', 'no answer in time');
  }

  become(condition: StoreState['condition']): void {
    this.state = { condition, reason: '', since: 0 };
    for (const listener of this.listeners) listener(this.state);
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  listen(channel: string, listener: ChannelListener): () => void {
    this.channels.set(channel, listener);
    return () => void this.channels.delete(channel);
  }

  gap(): void {
    for (const listener of this.channels.values()) listener.gap();
  }

  publish(channel: string, text: string): void {
    for (const store of this.redis.stores) if (store.state.condition !== 'down') store.channels.get(channel)?.message(text);
  }
}

/** All that is on its way has come back. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
}
