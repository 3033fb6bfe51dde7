import type { Piece, Segment } from '../config/pattern.ts';
import type { LinearRegex } from '../lib/linear-regex.ts';
import { mixedRank, RANK } from './score.ts';

/** Parameters by their name; names mean nothing else, `constructor` neither. */
export type Params = Record<string, string>;

/** What one segment of a path must be. */
export interface SegmentMatcher {
  /** Its part of a score. */
  readonly rank: string;
  /** The text, when there is but one. */
  readonly exact: string | undefined;
  /** Whether more must be looked at than that there is a text at all. */
  readonly checked: boolean;
  readonly named: boolean;
  test(text: string): boolean;
  /** Of a text that passed the test. */
  capture(text: string, into: Params): void;
}

/** What the parameters of a route must match, by name. */
export type Constraints = Readonly<Record<string, LinearRegex>>;

export function segmentMatcher(segment: Exclude<Segment, { kind: 'rest' }>, constraints: Constraints): SegmentMatcher {
  if (segment.kind === 'exact') return exactSegment(segment.text);
  if (segment.kind === 'any') return wholeSegment(undefined, undefined);
  if (segment.kind === 'parameter') return wholeSegment(segment.name, constraints[segment.name]);
  return new MixedSegment(segment.pieces, constraints);
}

function exactSegment(exact: string): SegmentMatcher {
  return { rank: RANK.exact, exact, checked: false, named: false, test: (text) => text === exact, capture: () => {} };
}

function wholeSegment(name: string | undefined, constraint: LinearRegex | undefined): SegmentMatcher {
  return {
    rank: constraint === undefined ? RANK.any : RANK.checked,
    exact: undefined,
    checked: constraint !== undefined,
    named: name !== undefined,
    test: (text) => text !== '' && (constraint === undefined || constraint.test(text)),
    capture: (text, into) => {
      if (name !== undefined) into[name] = text;
    },
  };
}

/**
 * Fixed texts and parameters in turn. What a parameter takes is decided by the fixed texts alone, each as early as it
 * can be, the last at the end; constraints are asked afterwards. So there is one way to read a segment.
 */
class MixedSegment implements SegmentMatcher {
  readonly rank: string;
  readonly exact = undefined;
  readonly checked = true;
  readonly named = true;
  private readonly before: string;
  private readonly after: string;
  private readonly between: readonly string[];
  private readonly names: readonly string[];
  private readonly constraints: readonly (LinearRegex | undefined)[];

  constructor(pieces: readonly Piece[], constraints: Constraints) {
    const texts = pieces.map((piece) => ('text' in piece ? piece.text : undefined));
    this.before = texts[0] ?? '';
    this.after = texts.length > 1 ? (texts.at(-1) ?? '') : '';
    this.between = texts.slice(1, -1).filter((text) => text !== undefined);
    this.names = pieces.flatMap((piece) => ('name' in piece ? [piece.name] : []));
    this.constraints = this.names.map((name) => constraints[name]);
    const fixed = texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
    this.rank = mixedRank(
      fixed,
      this.constraints.some((constraint) => constraint !== undefined),
    );
  }

  test(text: string): boolean {
    return this.read(text, undefined);
  }

  capture(text: string, into: Params): void {
    this.read(text, into);
  }

  private read(text: string, into: Params | undefined): boolean {
    if (!text.startsWith(this.before) || !text.endsWith(this.after)) return false;
    const last = text.length - this.after.length;
    let from = this.before.length;
    for (let at = 0; at < this.names.length; at++) {
      const next = this.between[at];
      // Each parameter takes at least one character.
      const end = next === undefined ? last : text.indexOf(next, from + 1);
      if (end <= from || end + (next?.length ?? 0) > last) return false;
      const value = text.slice(from, end);
      if (into !== undefined) into[this.names[at] as string] = value;
      else if (this.constraints[at]?.test(value) === false) return false;
      from = end + (next?.length ?? 0);
    }
    return true;
  }
}
