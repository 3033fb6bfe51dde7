import type { Sighting } from './beat-reply.ts';

/** Ids that came, said that they go, or were seen alive no longer. */
export interface BeatsChange {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly died: readonly string[];
}

interface Living {
  beat: number;
  /** Contact time at which the number was seen to grow. */
  changedAt: number;
  /** Whether it ever was: what is only found may have been dead for an hour. */
  hasBeaten: boolean;
}

interface Gone {
  readonly how: 'left' | 'died';
  readonly beat: number;
  listedAt: number;
}

/** Ms after which who is gone and stands in the list no more is forgotten: by then no copy of the data has it either. */
const REMEMBERED = 7_200_000;
/** In heartbeats: what two answers can show of the time between them. Whoever was stopped longer has not been looking. */
const MOST_SHOWN = 1.25;
/** So many beats without an answer in a row, and what happened meanwhile is not known. */
const MISSES = 2;

/**
 * Who is alive, as one observer sees it. Pure: times are given, in ms of the observer's own monotonic clock.
 *
 * Alive is whose beat number was seen to grow within `memberTtl` of contact time, that is of time between two looks at the list
 * that both were answered. So nothing that befalls Redis (a restart, a failover, lost data, a step of its clock) is taken for a
 * death, and who is not in the list, without having left, has the rest of its time to come back. Who is found in the list, at
 * first or later, is alive for `memberTtl`. The observer itself always is.
 */
export class Beats {
  private readonly self: string;
  private readonly memberTtl: number;
  private readonly longest: number;
  private readonly changed: (change: BeatsChange) => void;
  private readonly others = new Map<string, Living>();
  /** Those who are gone: the list may have them yet, and an older copy of it may have them again. */
  private readonly gone = new Map<string, Gone>();
  private contact = 0;
  private lookedAt: number | undefined;
  private misses = 0;

  /** @param changed hears of each change at once, after it has been made; must not throw */
  constructor(self: string, memberTtl: number, heartbeat: number, changed: (change: BeatsChange) => void) {
    this.self = self;
    this.memberTtl = memberTtl;
    this.longest = heartbeat * MOST_SHOWN;
    this.changed = changed;
    this.lookedAt = undefined;
  }

  /** Ids of all who are alive, the observer's among them, in an order that all observers share. */
  living(): string[] {
    return [this.self, ...this.others.keys()].sort();
  }

  /** How many have been seen to beat, the observer among them: what is only found in the list does not count yet. */
  get beating(): number {
    let count = 1;
    for (const { hasBeaten } of this.others.values()) if (hasBeaten) count += 1;
    return count;
  }

  /** Ms of contact, from the last look on, after which the most silent one is dead unless it has beaten. */
  get patience(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { changedAt } of this.others.values()) earliest = Math.min(earliest, changedAt);
    return earliest + this.memberTtl - this.contact;
  }

  /**
   * A look was answered.
   * @param sentAt when it was asked for: what is in the list is not older, and a process that was stopped between question and
   * answer has seen nothing of the time since
   */
  look(list: readonly Sighting[], sentAt: number): void {
    if (this.lookedAt !== undefined) this.contact += Math.min(Math.max(0, sentAt - this.lookedAt), this.longest);
    this.lookedAt = sentAt;
    this.misses = 0;
    const change = { joined: [] as string[], left: [] as string[], died: [] as string[] };
    for (const [id, beat] of list) {
      if (id === this.self) continue;
      if (beat === 'left') this.sawLeave(id, sentAt, change.left);
      else if (this.saw(id, beat, sentAt)) change.joined.push(id);
    }
    for (const [id, { beat, changedAt }] of this.others) {
      if (this.contact - changedAt < this.memberTtl) continue;
      this.others.delete(id);
      this.gone.set(id, { how: 'died', beat, listedAt: sentAt });
      change.died.push(id);
    }
    for (const [id, { listedAt }] of this.gone) if (sentAt - listedAt > REMEMBERED) this.gone.delete(id);
    if (change.joined.length + change.left.length + change.died.length > 0) this.changed(change);
  }

  /** A look was not answered. One of them may be chance; after more, the time up to the next answer shows nothing. */
  missed(): void {
    this.misses += 1;
    if (this.misses >= MISSES) this.lost();
  }

  /** There is no contact: up to the next answer no time passes for anybody. */
  lost(): void {
    this.lookedAt = undefined;
  }

  /** @returns whether it was not alive before */
  private saw(id: string, beat: number, now: number): boolean {
    const known = this.others.get(id);
    if (known !== undefined) {
      // A smaller number is an older copy of the data, and no sign of life; the next greater one is.
      if (beat > known.beat) {
        known.changedAt = this.contact;
        known.hasBeaten = true;
      }
      known.beat = beat;
      return false;
    }
    const gone = this.gone.get(id);
    if (gone !== undefined) {
      gone.listedAt = now;
      if (gone.how === 'left' || beat <= gone.beat) return false;
      this.gone.delete(id);
    }
    this.others.set(id, { beat, changedAt: this.contact, hasBeaten: gone !== undefined });
    return true;
  }

  private sawLeave(id: string, now: number, left: string[]): void {
    if (this.others.delete(id)) left.push(id);
    this.gone.set(id, { how: 'left', beat: 0, listedAt: now });
  }
}
