import { deepFreeze, type Frozen } from '../lib/freeze.ts';

/** Where in the whole, from its root, and what goes there. A list or a map of many comes empty, before its entries. */
type Patch = readonly [path: readonly (string | number)[], value: unknown];

/** A part of a value that is small enough to be taken in one turn of an event loop. */
export type Piece = readonly Patch[];

/** Values, and fifties of characters, in one piece: well under a millisecond to receive, to place and to freeze. */
const PIECE = 2000;

/**
 * Cuts a value made of plain objects, arrays and primitives, so that none of its pieces is much larger than the others:
 * only a text is never cut.
 */
export function* cut(value: unknown, most = PIECE): Generator<Piece> {
  let piece: Patch[] = [];
  let weight = 0;
  for (const [path, part, heavy] of patches(value, [], most)) {
    if (weight + heavy > most && piece.length > 0) {
      yield piece;
      piece = [];
      weight = 0;
    }
    piece.push([path, part]);
    weight += heavy;
  }
  yield piece;
}

function* patches(value: unknown, path: Patch[0], most: number): Generator<readonly [...Patch, number]> {
  const heavy = weigh(value, most);
  if (heavy <= most || typeof value !== 'object' || value === null) {
    yield [path, value, heavy];
    return;
  }
  yield [path, Array.isArray(value) ? [] : {}, 1];
  if (Array.isArray(value)) for (const [at, item] of value.entries()) yield* patches(item, [...path, at], most);
  else for (const [key, item] of Object.entries(value)) yield* patches(item, [...path, key], most);
}

/** Counts no further than it takes to know that it is more than `most`. */
function weigh(value: unknown, most: number): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 50);
  if (typeof value !== 'object' || value === null) return 1;
  let weight = 1;
  for (const item of Object.values(value)) {
    weight += weigh(item, most);
    if (weight > most) break;
  }
  return weight;
}

/** Puts pieces together again, in the order in which they were cut. */
export class Assembly {
  private readonly top: { whole?: unknown } = {};
  /** Lists and maps that came empty: they are frozen when all is there. */
  private readonly open: object[] = [];

  add(piece: Piece): void {
    for (const [path, value] of piece) {
      let parent: Record<string | number, unknown> = this.top as Record<string, unknown>;
      let key: string | number = 'whole';
      for (const step of path) {
        parent = parent[key] as Record<string | number, unknown>;
        key = step;
      }
      parent[key] = value;
      if (isEmpty(value)) this.open.push(value);
      else deepFreeze(value);
    }
  }

  /** @returns what was cut, frozen all through */
  finish<T>(): Frozen<T> {
    for (const object of this.open) Object.freeze(object);
    return this.top.whole as Frozen<T>;
  }
}

function isEmpty(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
