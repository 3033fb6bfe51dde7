import type { Script } from '../../src/redis/script.ts';

const HOUR = 3_600_000;
const LEAVES = 600_000;
const SLOT = 600_000;
const SLOTS = 6;

/** What the scripts of a heartbeat do in Redis, in TypeScript: with a clock of its own, which may step, and data that may be lost. */
export class BeatTwin {
  /** µs. */
  now: number;
  members = new Map<string, string>();
  counts = new Map<string, string>();

  constructor(now = 1_800_000_000_000_000) {
    this.now = now;
  }

  /** ms. */
  get time(): number {
    return Math.floor(this.now / 1000);
  }

  run({ name }: Pick<Script, 'name'>, args: readonly (string | number)[]): unknown {
    if (name === 'beat') return this.beat(String(args[0]), Number(args[1]), Number(args[2]), Number(args[3]));
    if (name === 'leave') return this.leave(String(args[0]));
    throw new Error(`no twin of ${name}`);
  }

  lose(): void {
    this.members.clear();
    this.counts.clear();
  }

  /** What a replica has that hears nothing from now on. */
  copy(): BeatTwin {
    const copy = new BeatTwin(this.now);
    copy.members = new Map(this.members);
    copy.counts = new Map(this.counts);
    return copy;
  }

  /** Ids that have beaten within so many ms by the clock of Redis: what the list would be if Redis judged. */
  within(ttl: number): string[] {
    return [...this.members].filter(([, value]) => this.time - Number(value.split(' ')[1]) <= ttl).map(([id]) => id);
  }

  private beat(self: string, number: number, seen: number, ttl: number): string[] {
    const list: string[] = [];
    let hasLeft = false;
    let fresh = 1;
    for (const [id, value] of this.members) {
      const [, word, at] = /^([0-9A-Za-z]+) (\d{1,15})(?= |$)/.exec(value) ?? [];
      if (word === undefined || (word !== 'left' && !/^\d{1,15}$/.test(word))) continue;
      const age = Math.abs(this.time - Number(at));
      if (age > (word === 'left' ? LEAVES : HOUR)) this.members.delete(id);
      else if (id === self) hasLeft = word === 'left';
      else {
        if (word !== 'left' && age <= ttl) fresh += 1;
        list.push(id, word);
      }
    }
    if (!hasLeft) this.members.set(self, `${number} ${this.time}`);
    return [String(this.count(Math.max(fresh, seen))), ...list, self, hasLeft ? 'left' : String(number)];
  }

  /** @returns the most within about an hour */
  private count(count: number): number {
    const current = Math.floor(this.time / SLOT);
    let most = count;
    for (const [slot, value] of this.counts) {
      if (!/^\d{1,15}$/.test(slot)) continue;
      if (Math.abs(Number(slot) - current) > SLOTS) this.counts.delete(slot);
      else if (/^\d{1,15}$/.test(value)) most = Math.max(most, Number(value));
    }
    const written = this.counts.get(String(current)) ?? '0';
    if (!/^\d{1,15}$/.test(written) || count > Number(written)) this.counts.set(String(current), String(count));
    return most;
  }

  private leave(self: string): number {
    this.members.set(self, `left ${this.time}`);
    return 1;
  }
}
