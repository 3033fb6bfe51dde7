import { newInstance } from '../../src/fleet/instance.ts';
import { Members } from '../../src/fleet/members.ts';
import { Keys } from '../../src/redis/keys.ts';
import type { Script } from '../../src/redis/script.ts';
import { type ChannelListener, type Store, StoreError, type StoreState } from '../../src/redis/store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { BeatTwin } from './beat-twin.ts';

/** What one member has of the Redis of a {@link TwinFleet}: it answers at once, or as the test says. */
export class TwinFleetStore implements Store {
  readonly isCluster = false;
  readonly latency = 0;
  state: StoreState = { condition: 'up', reason: '', since: 0 };
  /** Scripts that were sent, by name. */
  readonly sent: string[] = [];
  /** What becomes of commands in place of being carried out. */
  fails: StoreError['kind'] | undefined;
  answer = (reply: unknown): unknown => reply;
  readonly channels = new Map<string, ChannelListener>();
  private readonly fleet: TwinFleet;
  readonly states = new Set<(state: StoreState) => void>();

  constructor(fleet: TwinFleet) {
    this.fleet = fleet;
    this.fails = undefined;
  }

  async run(script: Script, _keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    this.sent.push(script.name);
    if (this.fails !== undefined) throw new StoreError(this.fails, 'as the test says');
    this.fleet.twin.now = this.fleet.clock.wall() * 1000;
    return this.answer(this.fleet.twin.run(script, args.map(String)));
  }

  become(condition: StoreState['condition']): void {
    this.fails = condition === 'down' ? 'down' : undefined;
    this.state = { condition, reason: '', since: this.fleet.clock.now() };
    for (const listener of this.states) listener(this.state);
  }

  onState(listener: (state: StoreState) => void): () => void {
    this.states.add(listener);
    return () => void this.states.delete(listener);
  }

  listen(channel: string, listener: ChannelListener): () => void {
    this.channels.set(channel, listener);
    return () => void this.channels.delete(channel);
  }

  publish(channel: string, text: string): void {
    for (const { channels } of this.fleet.stores) channels.get(channel)?.message(text);
  }
}

/** Members with one clock and one Redis, both of which are the test's. */
export class TwinFleet {
  readonly clock = new ManualClock();
  readonly twin = new BeatTwin();
  readonly stores: TwinFleetStore[] = [];

  /** A member that is not started yet, and its store. */
  add(machine: string, thread = 0): { members: Members; store: TwinFleetStore } {
    const store = new TwinFleetStore(this);
    this.stores.push(store);
    const config = { heartbeat: 1000, member_ttl: 5000 };
    const self = newInstance(machine, thread, '0123456789abcdef');
    const tools = { store, keys: new Keys('', 'test'), clock: this.clock, random: () => 0.5, config, self };
    return { members: new Members(tools), store };
  }

  /** Lets time pass, and all that follows happen. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 10) {
      for (let turn = 0; turn < 8; turn++) await undefined;
      if (left > 0) this.clock.advance(Math.min(10, left));
    }
  }
}
