import type { Clock } from '../../src/lib/clock.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time, chance and what happens when: the same for the same seed. Times in µs. */
export class World {
  now = 0;
  private readonly events: Event[] = [];
  private order = 0;
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 up to 1 (mulberry32). */
  readonly random = (): number => {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  between(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  chance(part: number): boolean {
    return this.random() < part;
  }

  /** @returns calls it off */
  after(us: number, run: () => void): () => void {
    const event = { at: this.now + Math.max(0, us), order: this.order++, run };
    let at = this.events.length;
    this.events.push(event);
    // A heap, the earliest first.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.events[at] as Event, this.events[parent] as Event)) break;
      this.swap(at, parent);
      at = parent;
    }
    let off = false;
    (event as { run: () => void }).run = () => {
      if (!off) run();
    };
    return () => {
      off = true;
    };
  }

  /** Lets everything happen up to a time, each with all that follows from it at once. */
  async run(until: number): Promise<void> {
    for (let next = this.events[0]; next !== undefined && next.at <= until; next = this.events[0]) {
      this.pop();
      this.now = next.at;
      next.run();
      for (let turn = 0; turn < 12; turn++) await undefined;
    }
    this.now = until;
  }

  private pop(): void {
    const last = this.events.pop() as Event;
    if (this.events.length === 0) return;
    this.events[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.events.length) return;
      const right = left + 1;
      const least =
        right < this.events.length && isBefore(this.events[right] as Event, this.events[left] as Event) ? right : left;
      if (!isBefore(this.events[least] as Event, this.events[at] as Event)) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(one: number, other: number): void {
    const kept = this.events[one] as Event;
    this.events[one] = this.events[other] as Event;
    this.events[other] = kept;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** A machine: its monotonic clock runs at a rate of its own, and goes on while its program is stopped (SIGSTOP). */
export class Machine implements Clock {
  readonly world: World;
  private readonly rate: number;
  private readonly start: number;
  private pausedUntil = 0;

  constructor(world: World, rate = 1) {
    this.world = world;
    this.rate = rate;
    this.start = world.now;
  }

  now(): number {
    return ((this.world.now - this.start) * this.rate) / 1000;
  }

  wall(): number {
    return this.now();
  }

  get isPaused(): boolean {
    return this.world.now < this.pausedUntil;
  }

  pause(us: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, this.world.now + us);
  }

  /** As soon as the program runs. */
  when(run: () => void): void {
    if (this.isPaused) this.world.after(this.pausedUntil - this.world.now, () => this.when(run));
    else run();
  }

  after(ms: number, callback: () => void): () => void {
    return this.world.after((ms * 1000) / this.rate, () => this.when(callback));
  }

  every(ms: number, callback: () => void): () => void {
    let off = () => {};
    const again = () => {
      off = this.after(ms, () => {
        again();
        callback();
      });
    };
    again();
    return () => off();
  }
}
