import type { Pattern } from '../config/pattern.ts';
import type { LinearRegex } from '../lib/linear-regex.ts';
import { RANK } from './score.ts';
import { type Constraints, type Params, type SegmentMatcher, segmentMatcher } from './segment.ts';

/**
 * A route's path, ready to be asked. Up to its first `**` it is a list of segments, `head`. What follows is a list of
 * blocks of segments with a `**` before each; an open pattern has one at its end too.
 */
export class PathMatcher {
  /** Its part of the score. */
  readonly rank: string;
  readonly head: readonly SegmentMatcher[];
  /** Undefined: there is no `**`. */
  readonly blocks: readonly (readonly SegmentMatcher[])[] | undefined;
  /** Whether it ends in `**`. */
  readonly open: boolean;
  readonly regex: LinearRegex | undefined;
  readonly named: boolean;

  constructor(pattern: Pattern, constraints: Constraints) {
    const head: SegmentMatcher[] = [];
    const blocks: SegmentMatcher[][] = [];
    this.regex = pattern.kind === 'regex' ? pattern.regex : undefined;
    this.named = pattern.names.length > 0;
    const segments =
      pattern.kind === 'segments' ? pattern.segments : pattern.prefix.map((text) => ({ kind: 'exact' as const, text }));
    this.open = segments.at(-1)?.kind === 'rest';
    const inner = this.open ? segments.slice(0, -1) : segments;
    for (const segment of inner) {
      if (segment.kind === 'rest') blocks.push([]);
      else (blocks.at(-1) ?? head).push(segmentMatcher(segment, constraints));
    }
    this.head = head;
    this.blocks = blocks.length > 0 || this.open ? blocks : undefined;
    this.rank = this.rankOf();
  }

  private rankOf(): string {
    const all = [this.head, ...(this.blocks ?? [])].map((block) => block.map(({ rank }) => rank).join(''));
    const end = this.regex !== undefined ? RANK.regex : this.open ? RANK.rest : RANK.end;
    return all.join(RANK.through) + end;
  }

  /** Whether the whole path matches, from its first slash on. What the trie answers faster, for one route alone. */
  matches(path: string): boolean {
    if (this.regex !== undefined) return this.regex.test(path);
    const parts = path.slice(1).split('/');
    if (this.blocks === undefined ? parts.length !== this.head.length : parts.length < this.head.length) return false;
    if (!this.head.every((segment, at) => segment.test(parts[at] as string))) return false;
    return this.blocks === undefined || this.place(parts.slice(this.head.length)) !== undefined;
  }

  /**
   * Where each block stands in the segments behind the head: each as early as it can, the last at the end unless the
   * pattern is open. A block that stands later leaves less room for the next, so earliest is best, and the time is at
   * most the segments of the path times those of the pattern.
   * @returns one place a block; undefined when they do not all stand there in this order
   */
  place(parts: readonly string[]): number[] | undefined {
    const { blocks = [] } = this;
    const places: number[] = [];
    let from = 0;
    for (const [at, block] of blocks.entries()) {
      const last = parts.length - block.length;
      const fixed = !this.open && at === blocks.length - 1;
      let place = fixed ? Math.max(from, last) : from;
      while (place <= last && !standsAt(block, parts, place)) place++;
      if (place > last) return undefined;
      places.push(place);
      from = place + block.length;
    }
    return places;
  }

  /** The parameters behind the first `**`. */
  captureBlocks(parts: readonly string[], into: Params): void {
    const places = this.place(parts) ?? [];
    for (const [at, block] of (this.blocks ?? []).entries()) {
      for (const [offset, segment] of block.entries()) {
        const part = parts[(places[at] ?? 0) + offset];
        if (segment.named && part !== undefined) segment.capture(part, into);
      }
    }
  }
}

function standsAt(block: readonly SegmentMatcher[], parts: readonly string[], place: number): boolean {
  for (let at = 0; at < block.length; at++) {
    if (!(block[at] as SegmentMatcher).test(parts[place + at] as string)) return false;
  }
  return true;
}
