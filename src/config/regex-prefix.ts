/**
 * The whole segments of fixed text that every path begins with which a regular expression matches: `raw` and `files` of
 * `^/raw/files/v[0-9]+`. Those that stand there in any harder way are left out: fewer are always right.
 */
export function regexPrefix(text: string): string[] {
  if (!text.startsWith('^/') || isAlternation(text)) return [];
  const segments: string[] = [];
  let rest = text.slice(2);
  for (;;) {
    // The slash that ends the segment must stand once: not `/?`, `/*`, `/+` or `/{2}`.
    const segment = /^([A-Za-z0-9_~!&',;=:@%-]+)\/(?![?*+{])/.exec(rest);
    if (segment === null) return segments;
    segments.push(segment[1] as string);
    rest = rest.slice(segment[0].length);
  }
}

/** Whether there may be a `|` outside of all parentheses: then the beginning is that of one branch only. */
function isAlternation(text: string): boolean {
  const bare = text
    .replace(/\\Q.*?(?:\\E|$)/gs, '|')
    .replace(/\\./gs, '')
    .replace(/\[\^?\]?[^\]]*\]/g, '');
  let depth = 0;
  for (const char of bare) {
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === '|' && depth <= 0) return true;
  }
  return false;
}
