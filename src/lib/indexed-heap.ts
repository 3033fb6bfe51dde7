/**
 * The numbers from 0 to `size` - 1, each with a key that may change at any time; the one with the lowest key is at hand.
 * Where keys are equal the lower `tie` counts. Changing a key takes O(log size) and allocates nothing.
 */
export class IndexedHeap {
  private readonly keys: Float64Array;
  private readonly ties: Float64Array;
  /** Ids, as a binary heap. */
  private readonly heap: Uint32Array;
  /** Where in the heap an id is. */
  private readonly places: Uint32Array;

  /** All keys and ties are 0 at first. */
  constructor(size: number) {
    this.keys = new Float64Array(size);
    this.ties = new Float64Array(size);
    this.heap = Uint32Array.from({ length: size }, (_, at) => at);
    this.places = Uint32Array.from(this.heap);
  }

  key(id: number): number {
    return this.keys[id] as number;
  }

  tie(id: number): number {
    return this.ties[id] as number;
  }

  /** The lowest; -1 when the size is 0. */
  first(): number {
    return this.heap[0] ?? -1;
  }

  /** The lowest of those that are wanted, -1 when none is. Looks at two more for each one that is lower and not wanted. */
  firstOf(wanted: (id: number) => boolean, place = 0): number {
    const id = this.heap[place];
    if (id === undefined) return -1;
    if (wanted(id)) return id;
    const left = this.firstOf(wanted, 2 * place + 1);
    const right = this.firstOf(wanted, 2 * place + 2);
    return right < 0 || (left >= 0 && this.before(left, right)) ? left : right;
  }

  set(id: number, key: number, tie = 0): void {
    this.keys[id] = key;
    this.ties[id] = tie;
    this.down(id, this.up(id, this.places[id] as number));
  }

  private before(one: number, other: number): boolean {
    const { keys, ties } = this;
    return keys[one] === keys[other]
      ? (ties[one] as number) < (ties[other] as number)
      : (keys[one] as number) < (keys[other] as number);
  }

  private up(id: number, from: number): number {
    const { heap, places } = this;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as number;
      if (!this.before(id, parent)) break;
      heap[place] = parent;
      places[parent] = place;
      place = above;
    }
    heap[place] = id;
    places[id] = place;
    return place;
  }

  private down(id: number, from: number): void {
    const { heap, places } = this;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && this.before(heap[below + 1] as number, heap[below] as number)) below += 1;
      const child = heap[below] as number;
      if (!this.before(child, id)) break;
      heap[place] = child;
      places[child] = place;
      place = below;
    }
    heap[place] = id;
    places[id] = place;
  }
}
