import { type LinearRegex, linearRegex } from '../lib/linear-regex.ts';
import { regexPrefix } from './regex-prefix.ts';

/** One part of a route's path, between two slashes. */
export type Segment =
  | { readonly kind: 'exact'; readonly text: string }
  /** `*`: any one segment that is not empty. */
  | { readonly kind: 'any' }
  /** `:id` or `{id}`: any one segment that is not empty, by this name. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** `v{version}`, `{a}-{b}`: fixed texts and parameters in turn; each parameter takes at least one character. */
  | { readonly kind: 'mixed'; readonly pieces: readonly Piece[] }
  /** `**`: any number of segments, none too. */
  | { readonly kind: 'rest' };

/** A piece of a segment: a fixed text, or a parameter. */
export type Piece = { readonly text: string } | { readonly name: string };

/** A route's path: segments, or a regular expression over the whole of it. */
export type Pattern =
  | { readonly kind: 'segments'; readonly segments: readonly Segment[]; readonly names: readonly string[] }
  | {
      readonly kind: 'regex';
      readonly regex: LinearRegex;
      /** The segments that every path it matches begins with. */
      readonly prefix: readonly string[];
      readonly names: readonly string[];
    };

const NAME = /^[A-Za-z_]\w*$/;
/** RFC 3986 §3.3 without what patterns are made of. A colon begins a parameter only at the start of a segment. */
const EXACT = /^(?:[A-Za-z0-9._~!$&'(),;=@+:-]|%[0-9A-Fa-f]{2})*$/;
/** A pattern of more segments would make each match of it dear. */
const MOST_SEGMENTS = 64;

/**
 * Reads a route's path. `/` is one exact segment of no text, `/a/` two segments: a trailing slash counts. `~` begins a
 * regular expression, which is found in the path without its query.
 * @returns the pattern, or what is wrong with it
 */
export function parsePattern(path: string): Pattern | string {
  if (path.startsWith('~')) return parseRegex(path.slice(1));
  if (!path.startsWith('/')) return 'a path starts with /, a regular expression with ~';
  const parts = path.slice(1).split('/');
  if (parts.length > MOST_SEGMENTS) return `a path has at most ${MOST_SEGMENTS} segments`;
  const segments: Segment[] = [];
  for (const [at, part] of parts.entries()) {
    const segment = parseSegment(part);
    if (typeof segment === 'string') return segment;
    if (part === '' && at < parts.length - 1) return 'two slashes in a row never match: paths are normalised';
    if (segment.kind === 'rest' && segments.at(-1)?.kind === 'rest') return '"**" twice in a row is "**"';
    segments.push(segment);
  }
  const names = segments.flatMap(namesOf);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? { kind: 'segments', segments, names } : `the parameter ${twice} stands there twice`;
}

function parseRegex(text: string): Pattern | string {
  const regex = linearRegex(text);
  if (typeof regex === 'string') return regex;
  return { kind: 'regex', regex, prefix: regexPrefix(text), names: regex.names };
}

function parseSegment(part: string): Segment | string {
  if (part === '**') return { kind: 'rest' };
  if (part === '*') return { kind: 'any' };
  if (/^\.\.?$/.test(canonical(part))) return `the segment "${part}" never matches: paths are normalised`;
  if (/[?#]/.test(part)) return 'a path has no query and no fragment';
  if (part.includes('*')) return `${JSON.stringify(part)}: "*" is a whole segment; inside one, a parameter such as {name}`;
  if (part.startsWith(':')) {
    const name = part.slice(1);
    return NAME.test(name) ? { kind: 'parameter', name } : `${JSON.stringify(part)}: not a parameter's name`;
  }
  return /[{}]/.test(part) ? parseMixed(part) : parseText(part);
}

function parseText(text: string): { kind: 'exact'; text: string } | string {
  return EXACT.test(text)
    ? { kind: 'exact', text: canonical(text) }
    : `${JSON.stringify(text)} has characters that must be percent-encoded`;
}

/** As paths arrive here: percent-encoded in upper case, and only where it must be (RFC 3986 §6.2.2). */
function canonical(text: string): string {
  return text.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(char) ? char : triplet.toUpperCase();
  });
}

function parseMixed(part: string): Segment | string {
  const pieces: Piece[] = [];
  for (const text of part.split(/(\{[^{}]*\})/).filter((piece) => piece !== '')) {
    if (text.startsWith('{') && text.endsWith('}')) {
      const name = text.slice(1, -1);
      if (!NAME.test(name)) return `${JSON.stringify(text)}: not a parameter's name`;
      if (pieces.length > 0 && 'name' in (pieces.at(-1) as Piece))
        return `${JSON.stringify(part)}: between two parameters stands a text, so that it is clear where one ends`;
      pieces.push({ name });
    } else {
      if (/[{}]/.test(text)) return `${JSON.stringify(part)} has a brace without its other one`;
      const exact = parseText(text);
      if (typeof exact === 'string') return exact;
      pieces.push({ text: exact.text });
    }
  }
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined && 'name' in first
    ? { kind: 'parameter', name: first.name }
    : { kind: 'mixed', pieces };
}

function namesOf(segment: Segment): string[] {
  if (segment.kind === 'parameter') return [segment.name];
  return segment.kind === 'mixed' ? segment.pieces.flatMap((piece) => ('name' in piece ? [piece.name] : [])) : [];
}

/**
 * The same text for two patterns that match the same paths: what parameters are called is left out, what they may be
 * is not.
 * @param constraints regular expressions by the name of their parameter
 */
export function patternShape(pattern: Pattern, constraints: Readonly<Record<string, string>>): string {
  if (pattern.kind === 'regex') return `~${pattern.regex.text}`;
  const slot = (name: string) => (Object.hasOwn(constraints, name) ? `{${constraints[name]}}` : '*');
  const parts = pattern.segments.map((segment) => {
    if (segment.kind === 'exact') return segment.text;
    if (segment.kind === 'parameter') return slot(segment.name);
    if (segment.kind === 'mixed')
      return segment.pieces.map((piece) => ('text' in piece ? piece.text : slot(piece.name))).join('');
    return segment.kind === 'any' ? '*' : '**';
  });
  return `/${parts.join('/')}`;
}
