import type { Clock } from '../lib/clock.ts';
import type { Keys } from '../redis/keys.ts';
import type { Store } from '../redis/store.ts';
import { readBeatReply } from './beat-reply.ts';
import { BEAT, LEAVE } from './beat-script.ts';
import { Beats, type BeatsChange } from './beats.ts';
import type { FleetConfig } from './config.ts';
import { Heart } from './heart.ts';
import { HighWater } from './high-water.ts';
import { type Instance, parseInstance } from './instance.ts';

/** An instance that is alive, as this one sees it. */
export interface Member extends Instance {
  readonly isSelf: boolean;
}

export interface MembersChange {
  readonly joined: readonly Member[];
  /** Said that they go. */
  readonly left: readonly Member[];
  /** Were seen alive no longer. */
  readonly died: readonly Member[];
}

/** Whether the last beat was answered, and since when, in ms of the clock's `now`, that has been so. */
export interface Contact {
  readonly answered: boolean;
  readonly since: number;
}

export interface MembersTools {
  readonly store: Store;
  readonly keys: Keys;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly config: Pick<FleetConfig, 'heartbeat' | 'member_ttl'>;
  readonly self: Instance;
}

/**
 * Who is alive: the one list of members, of this instance and as this instance sees it (see {@link Beats}).
 *
 * Atomic: one beat, which writes the own number and reads those of the others. Clock: the own monotonic one; Redis' `TIME` only
 * cleans up. Redis slow or gone: the list stays as it is. Back, emptied or an older copy: all who live beat at once, and nobody
 * is taken for dead who does so within the rest of its member_ttl. While there is contact, a member that joins or leaves shows
 * within two heartbeats, one that crashes within member_ttl and one heartbeat.
 */
export class Members {
  readonly self: Member;
  private readonly tools: MembersTools;
  private readonly channel: string;
  private readonly heart: Heart;
  private readonly beats: Beats;
  private readonly highWater = new HighWater();
  private readonly listeners = new Set<(change: MembersChange) => void>();
  private readonly ends: (() => void)[] = [];
  private phase: 'new' | 'open' | 'leaving' | 'closed' = 'new';
  private list: readonly Member[];
  private places: readonly string[];
  private beat = 0;
  private isKnown = false;
  private mostInRedis = 0;
  private current: Contact;

  constructor(tools: MembersTools) {
    this.tools = tools;
    const { self, clock, random, config } = tools;
    this.self = Object.freeze({ ...self, isSelf: true });
    this.channel = tools.keys.channel('members');
    this.beats = new Beats(self.id, config.member_ttl, config.heartbeat, (change) => this.changed(change));
    const beat = () => this.exchange();
    this.heart = new Heart({ clock, random, heartbeat: config.heartbeat, beat, patience: () => this.beats.patience });
    this.list = Object.freeze([this.self]);
    this.places = Object.freeze([self.machine]);
    this.current = Object.freeze({ answered: false, since: clock.now() });
  }

  /** Joins. Does not wait for it: that this instance is in the list of others shows in {@link contact}. */
  start(): void {
    if (this.phase !== 'new') return;
    this.phase = 'open';
    const { store } = this.tools;
    const message = (text: string) => text !== this.self.id && this.heart.soon();
    let wasDown = store.state.condition === 'down';
    this.ends.push(
      store.listen(this.channel, { message, gap: () => this.heart.soon() }),
      store.onState(({ condition }) => {
        const isDown = condition === 'down';
        if (isDown) this.beats.lost();
        else if (wasDown) this.heart.now();
        wasDown = isDown;
      }),
    );
    this.heart.start();
  }

  /**
   * Tells the others that this instance goes, and closes. Takes as long as two commands at most; when Redis does not take it, the
   * others see it as a crash. Never rejects.
   */
  async leave(): Promise<void> {
    if (this.phase !== 'open') return this.close();
    this.phase = 'leaving';
    const { store, keys } = this.tools;
    // A beat that lands after the mark would have nothing to say, but why let it.
    await this.heart.stop();
    try {
      await store.run(LEAVE, [keys.members], [this.self.id]);
      store.publish(this.channel, this.self.id);
    } catch {
      // Said above.
    }
    this.close();
  }

  /** Stops, and tells nobody: to the others it is a crash. */
  close(): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    void this.heart.stop();
    for (const end of this.ends.splice(0)) end();
  }

  /** All who are alive, this instance among them, by id: the same order for all members. The same array until it changes. */
  living(): readonly Member[] {
    return this.list;
  }

  /** At least 1. */
  get count(): number {
    return this.list.length;
  }

  /** The different machines of all who are alive, in order. */
  get machines(): readonly string[] {
    return this.places;
  }

  /**
   * Most members at a time within about the last hour, as Redis has kept it and as this instance has seen it. 0: not known,
   * Redis has not been reached since the start.
   */
  get mostLately(): number {
    return Math.max(this.mostInRedis, this.isKnown ? this.highWater.most(this.tools.clock.now()) : 0);
  }

  get contact(): Contact {
    return this.current;
  }

  /** Calls back after each change; must not throw. @returns calls it off */
  onChange(listener: (change: MembersChange) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** One beat. */
  private async exchange(): Promise<void> {
    const { store, keys, clock, config } = this.tools;
    const sentAt = clock.now();
    this.beat += 1;
    const args = [this.self.id, this.beat, this.beats.beating, config.member_ttl];
    const reply = await store.run(BEAT, [keys.members, keys.memberCounts], args).then(readBeatReply, () => undefined);
    if (this.phase === 'closed') return;
    if (reply === undefined) {
      this.beats.missed();
      this.become(false);
      return;
    }
    this.beats.look(reply.list, sentAt);
    this.highWater.note(this.beats.beating, clock.now());
    this.mostInRedis = reply.most;
    // Only now is there something for the others to see.
    if (!this.isKnown && this.phase === 'open') store.publish(this.channel, this.self.id);
    this.isKnown = true;
    this.become(true);
  }

  private become(answered: boolean): void {
    if (this.current.answered !== answered) this.current = Object.freeze({ answered, since: this.tools.clock.now() });
  }

  private changed({ joined, left, died }: BeatsChange): void {
    this.list = Object.freeze(this.beats.living().map((id) => this.member(id)));
    this.places = Object.freeze([...new Set(this.list.map(({ machine }) => machine))].sort());
    const members = (ids: readonly string[]) => ids.map((id) => this.member(id));
    const change = Object.freeze({ joined: members(joined), left: members(left), died: members(died) });
    for (const listener of [...this.listeners]) listener(change);
  }

  private member(id: string): Member {
    // Ids that are none have been left out when the reply was read.
    return id === this.self.id ? this.self : Object.freeze({ ...(parseInstance(id) as Instance), isSelf: false });
  }
}
