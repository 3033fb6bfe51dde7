import type { Clock } from './clock.ts';

const SLOTS = 512;
/** Ticks without one after which the loop has stood still: what it had no time to read may be what is waited for. */
const STALLED = 10;

/**
 * Many coarse timeouts on one timer. Setting and clearing one again and again, as a connection does for each of its
 * phases, writes a number; the wheel looks at an entry only when its slot comes round. A timeout fires at most two
 * ticks late and never early. The tick stops when it finds no entry, and does not keep the process alive.
 */
export class Wheel {
  readonly clock: Clock;
  readonly tickMs: number;
  private readonly slots: Timeout[] = [];
  private position: number;
  private count = 0;
  private stop: (() => void) | undefined;
  private tickedAt = 0;

  /** @param tickMs resolution in ms */
  constructor(clock: Clock, tickMs = 50) {
    this.clock = clock;
    this.tickMs = tickMs;
    this.position = Math.floor(clock.now() / tickMs);
    for (let slot = 0; slot < SLOTS; slot++) this.slots.push(new Timeout(this, NOTHING));
  }

  /** Entries that wait; with 0 the timer of the system stops at its next tick. */
  get size(): number {
    return this.count;
  }

  timeout(expired: () => void): Timeout {
    return new Timeout(this, expired);
  }

  /** Puts the entry where it is looked at next: in the slot of its deadline, or a full turn ahead at most. */
  link(entry: Timeout): void {
    if (this.stop === undefined) {
      this.position = Math.floor(this.clock.now() / this.tickMs);
      this.tickedAt = this.clock.now();
      this.stop = this.clock.every(this.tickMs, () => this.tick());
    }
    const due = Math.min(Math.ceil(entry.at / this.tickMs), this.position + SLOTS - 1);
    entry.slot = Math.max(due, this.position + 1);
    const head = this.slots[entry.slot % SLOTS] as Timeout;
    entry.next = head.next;
    entry.previous = head;
    head.next.previous = entry;
    head.next = entry;
    this.count += 1;
  }

  unlink(entry: Timeout): void {
    entry.previous.next = entry.next;
    entry.next.previous = entry.previous;
    entry.next = entry.previous = entry;
    entry.slot = -1;
    this.count -= 1;
  }

  /** Timers come before sockets: after a stall the sockets get their turn first. */
  private tick(): void {
    const now = this.clock.now();
    const stalled = now - this.tickedAt > STALLED * this.tickMs;
    this.tickedAt = now;
    if (stalled) setImmediate(() => this.turn());
    else this.turn();
  }

  private turn(): void {
    const now = this.clock.now();
    const target = Math.floor(now / this.tickMs);
    // After a long stall one full turn visits every slot.
    if (target - this.position > SLOTS) this.position = target - SLOTS;
    while (this.position < target && this.count > 0) {
      this.position += 1;
      this.visit(this.slots[this.position % SLOTS] as Timeout, now);
    }
    // Only here: started anew in the middle of a turn it would move the position, and entries to the slot being visited.
    if (this.count > 0) return;
    this.stop?.();
    this.stop = undefined;
  }

  /** Takes entries off one by one: what an expired one does may remove others, and none comes back to this slot. */
  private visit(head: Timeout, now: number): void {
    while (head.next !== head) {
      const entry = head.next;
      this.unlink(entry);
      if (entry.at <= now) entry.fire();
      else if (entry.at !== Number.POSITIVE_INFINITY) this.link(entry);
    }
  }
}

/** One timeout that is set and cleared many times. Not pending until {@link set}. */
export class Timeout {
  private readonly wheel: Wheel;
  private readonly expired: () => void;
  at = Number.POSITIVE_INFINITY;
  slot = -1;
  next: Timeout = this;
  previous: Timeout = this;

  constructor(wheel: Wheel, expired: () => void) {
    this.wheel = wheel;
    this.expired = expired;
  }

  get pending(): boolean {
    return this.at !== Number.POSITIVE_INFINITY;
  }

  /** Fires once, `ms` from now; replaces what was set before. 0 or less: never. */
  set(ms: number): void {
    if (ms <= 0) {
      this.clear();
      return;
    }
    this.at = this.wheel.clock.now() + ms;
    if (this.slot < 0) this.wheel.link(this);
    else if (this.at < (this.slot - 1) * this.wheel.tickMs) {
      this.wheel.unlink(this);
      this.wheel.link(this);
    }
  }

  /** Does not fire any more. The wheel may keep a reference until its slot comes round: see {@link remove}. */
  clear(): void {
    this.at = Number.POSITIVE_INFINITY;
  }

  /** {@link clear}, and nothing refers to it any more. */
  remove(): void {
    this.at = Number.POSITIVE_INFINITY;
    if (this.slot >= 0) this.wheel.unlink(this);
  }

  fire(): void {
    this.at = Number.POSITIVE_INFINITY;
    this.expired();
  }
}

function NOTHING(): void {}
