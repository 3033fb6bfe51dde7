/** One part of a route's path, between two slashes. */
export type Segment =
  | { readonly kind: 'exact'; readonly text: string }
  /** `*`: any one segment. */
  | { readonly kind: 'any' }
  /** `:id` or `{id}`: any one segment, by this name. */
  | { readonly kind: 'parameter'; readonly name: string }
  /** `**`: any number of segments, none too; always the last. */
  | { readonly kind: 'rest' };

const PARAMETER = /^(?::([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})$/;
/** RFC 3986 §3.3 without what patterns are made of. */
const EXACT = /^(?:[A-Za-z0-9._~!$&'(),;=@+-]|%[0-9A-Fa-f]{2})*$/;

/**
 * Reads a route's path. `/` is one exact segment of no text, `/a/` two segments: a trailing slash counts.
 * @returns the segments, or what is wrong with the pattern
 */
export function parsePattern(path: string): readonly Segment[] | string {
  if (path.startsWith('~')) return 'regular expressions are not in this version';
  if (!path.startsWith('/')) return 'a path starts with /';
  const parts = path.slice(1).split('/');
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (const [at, part] of parts.entries()) {
    const segment = parseSegment(part);
    if (typeof segment === 'string') return segment;
    const last = at === parts.length - 1;
    if (segment.kind === 'rest' && !last) return '"**" before the end of a path is not in this version';
    if (segment.kind === 'exact' && segment.text === '' && !last) return 'two slashes in a row never match: paths are normalised';
    if (segment.kind === 'parameter') {
      if (names.has(segment.name)) return `the parameter ${segment.name} stands there twice`;
      names.add(segment.name);
    }
    segments.push(segment);
  }
  return segments;
}

function parseSegment(part: string): Segment | string {
  if (part === '**') return { kind: 'rest' };
  if (part === '*') return { kind: 'any' };
  const parameter = PARAMETER.exec(part);
  if (parameter !== null) return { kind: 'parameter', name: (parameter[1] ?? parameter[2]) as string };
  if (part === '.' || part === '..') return `the segment "${part}" never matches: paths are normalised`;
  if (EXACT.test(part)) return { kind: 'exact', text: part };
  if (/[?#]/.test(part)) return 'a path has no query and no fragment';
  if (/[*:{}]/.test(part)) return `${JSON.stringify(part)}: patterns inside a segment are not in this version`;
  return `${JSON.stringify(part)} has characters that must be percent-encoded`;
}

/** The same text for two patterns that match the same paths: parameters by any name are `*`. */
export function patternShape(segments: readonly Segment[]): string {
  const parts = segments.map((segment) => (segment.kind === 'exact' ? segment.text : segment.kind === 'rest' ? '**' : '*'));
  return `/${parts.join('/')}`;
}
