/** `safe`: paths are brought into their one spelling. `off`: those that are not in it are refused. */
export type PathPolicy = 'safe' | 'off';

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const TRIPLET = /%(..?)?/g;
const HEX = /^[0-9A-Fa-f]{2}$/;
/** What some server behind us reads as the end of a segment's name, or as another slash. */
const TRICK = /;|%3B|\\|%5C|%2F/;
const BEFORE_PARAMETERS = /^\.\.?(?:;|%3B|$)/;

/**
 * The one spelling of a request target (RFC 3986 §6.2.2), which is routed and forwarded alike, so that no two readers
 * of it can differ: unreserved characters decoded, other triplets in upper case, `.` and `..` resolved, slashes in a
 * row merged. `%2F` and `%5C` are never decoded. The query, and targets that are no path, stay as they are.
 * @param target as the parser let it through
 * @returns undefined for what must be refused: `..` beyond the root, and what is no `..` here but may be one to an
 * upstream that strips parameters or takes backslashes or encoded slashes for slashes
 */
export function normalizePath(target: string, policy: PathPolicy): string | undefined {
  if (isPlain(target) || !target.startsWith('/')) return target;
  const query = target.indexOf('?');
  const path = query < 0 ? target : target.slice(0, query);
  if (query >= 0 && isPlain(path)) return target;
  const normal = normalize(path);
  if (normal === undefined || (policy === 'off' && normal !== path)) return undefined;
  return query < 0 ? normal : normal + target.slice(query);
}

/** Nothing in it could be written otherwise. Nearly all targets are so, and this is all that they cost. */
function isPlain(text: string): boolean {
  return text.indexOf('%') < 0 && text.indexOf('//') < 0 && text.indexOf('/.') < 0 && text.indexOf('\\') < 0;
}

function normalize(path: string): string | undefined {
  const decoded = decode(path);
  if (decoded === undefined) return undefined;
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') {
      if (kept.pop() === undefined) return undefined;
    } else if (isTrick(segment)) return undefined;
    else if (segment !== '.' && segment !== '') kept.push(segment);
  }
  // `/a/.` and `/a/b/..` are directories as `/a/` is (RFC 3986 §5.2.4).
  const last = segments.at(-1);
  const ends = kept.length > 0 && (last === '' || last === '.' || last === '..') ? '/' : '';
  return `/${kept.join('/')}${ends}`;
}

/** @returns undefined when a percent sign begins no triplet */
function decode(path: string): string | undefined {
  let broken = false;
  const decoded = path.replaceAll(TRIPLET, (triplet, digits: string | undefined) => {
    if (digits === undefined || !HEX.test(digits)) {
      broken = true;
      return triplet;
    }
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : triplet.toUpperCase();
  });
  return broken ? undefined : decoded;
}

/** Whether a part of the segment is `.` or `..` to somebody who splits it further. */
function isTrick(segment: string): boolean {
  if (!TRICK.test(segment)) return false;
  return segment.split(/\\|%5C|%2F/).some((part) => BEFORE_PARAMETERS.test(part));
}
