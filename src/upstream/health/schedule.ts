import type { Clock } from '../../lib/clock.ts';

/** The longest wait a timer of the system takes, in ms. */
const LONGEST_WAIT = 2 ** 31 - 1;

interface Entry<Item> {
  readonly at: number;
  readonly item: Item;
}

/** Things to do, each at its time, on one timer however many they are: a binary heap, the earliest first. */
export class Schedule<Item> {
  private readonly clock: Clock;
  private heap: Entry<Item>[] = [];
  private wakeAt = Number.POSITIVE_INFINITY;
  private stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.heap.length;
  }

  /** @param at monotonic ms */
  add(at: number, item: Item): void {
    this.heap.push({ at, item });
    this.rise(this.heap.length - 1);
  }

  /** Takes the earliest one off, if its time has come. */
  take(): Item | undefined {
    const { heap } = this;
    const first = heap[0];
    if (first === undefined || first.at > this.clock.now()) return undefined;
    const last = heap.pop() as Entry<Item>;
    if (heap.length > 0) {
      heap[0] = last;
      this.sink(0);
    }
    return first.item;
  }

  /** Forgets the others. */
  keep(holds: (item: Item) => boolean): void {
    // A sorted list is a heap.
    this.heap = this.heap.filter(({ item }) => holds(item)).sort((a, b) => a.at - b.at);
  }

  /** Calls back when the time of the earliest has come, instead of what was asked for before. Never too late, maybe too early. */
  wake(callback: () => void): void {
    const first = this.heap[0];
    if (first === undefined || first.at >= this.wakeAt) return;
    this.sleep();
    this.wakeAt = first.at;
    const wait = Math.min(Math.max(first.at - this.clock.now(), 0), LONGEST_WAIT);
    this.stop = this.clock.after(wait, () => {
      this.wakeAt = Number.POSITIVE_INFINITY;
      callback();
    });
  }

  /** Calls nobody back any more. */
  sleep(): void {
    this.stop?.();
    this.wakeAt = Number.POSITIVE_INFINITY;
  }

  private rise(from: number): void {
    const { heap } = this;
    const entry = heap[from] as Entry<Item>;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry<Item>;
      if (parent.at <= entry.at) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  private sink(from: number): void {
    const { heap } = this;
    const entry = heap[from] as Entry<Item>;
    let at = from;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const rightIsFirst = right !== undefined && left !== undefined && right.at < left.at;
      const child = rightIsFirst ? right : left;
      if (child === undefined || child.at >= entry.at) break;
      heap[at] = child;
      at = 2 * at + (rightIsFirst ? 2 : 1);
    }
    heap[at] = entry;
  }
}
