import { IndexedHeap } from '../../lib/indexed-heap.ts';
import type { Candidate } from '../balancer.ts';

/** Multiples of it, without their whole parts, are spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

interface Place {
  readonly weight: number;
  /** Where in its share of a round the endpoint's first turn is, from 0 to 1: not all of one weight at once. */
  readonly phase: number;
  /** Turns taken so far. */
  taken: number;
}

/**
 * Turns by weight, evenly mixed. A round lasts 1; an endpoint of weight w has its turns at phase / w, (1 + phase) / w,
 * (2 + phase) / w …, and who is due first is next. So each has exactly its share in every round, and its turns are far
 * apart. O(log n) a turn. Turns are counted in whole numbers, so nothing adds up to an error, however many there are.
 */
export class Turns<Endpoint extends Candidate> {
  private endpoints: readonly Endpoint[] = [];
  private places: Place[] = [];
  private ids = new Map<Endpoint, number>();
  private due = new IndexedHeap(0);
  /** When the last turn was due, in rounds. */
  private now = 0;
  private joined = 0;

  /** Those that stay keep their place in the round; new ones and new weights begin where the round is. */
  update(endpoints: readonly Endpoint[]): void {
    const before = this.ids;
    const places = endpoints.map((endpoint) => this.placeOf(endpoint.weight, this.places[before.get(endpoint) ?? -1]));
    this.endpoints = endpoints;
    this.places = places;
    this.ids = new Map(endpoints.map((endpoint, id) => [endpoint, id]));
    this.due = new IndexedHeap(endpoints.length);
    for (const [id, place] of places.entries()) this.due.set(id, dueAt(place));
  }

  private placeOf(weight: number, known: Place | undefined): Place {
    if (known?.weight === weight) return known;
    const phase = known?.phase ?? (0.5 + GOLDEN * this.joined++) % 1;
    return { weight, phase, taken: firstFrom(this.now, weight, phase) };
  }

  take(tried?: ReadonlySet<Endpoint>): Endpoint | undefined {
    const first = this.due.first();
    if (first < 0) return undefined;
    if (tried !== undefined && tried.size > 0) return this.takeUntried(tried);
    return this.advance(first);
  }

  private takeUntried(tried: ReadonlySet<Endpoint>): Endpoint | undefined {
    const id = this.due.firstOf((one) => !tried.has(this.endpoints[one] as Endpoint));
    if (id < 0) return undefined;
    const endpoint = this.advance(id);
    // Those that were passed over lose their turns: saved up, they would come all at once.
    for (const one of tried) this.skip(this.ids.get(one) ?? -1);
    return endpoint;
  }

  private skip(id: number): void {
    const place = this.places[id];
    if (place === undefined || this.due.key(id) >= this.now) return;
    place.taken = firstFrom(this.now, place.weight, place.phase);
    this.due.set(id, dueAt(place));
  }

  private advance(id: number): Endpoint {
    const place = this.places[id] as Place;
    this.now = this.due.key(id);
    place.taken += 1;
    this.due.set(id, dueAt(place));
    return this.endpoints[id] as Endpoint;
  }
}

function dueAt({ taken, phase, weight }: Place): number {
  return (taken + phase) / weight;
}

/** How many turns lie before a time. */
function firstFrom(now: number, weight: number, phase: number): number {
  return Math.max(0, Math.ceil(now * weight - phase));
}
