const [AMPERSAND, EQUALS, PLUS, PERCENT, SPACE] = [0x26, 0x3d, 0x2b, 0x25, 0x20];

/**
 * The value of a parameter in the query of a target, decoded as forms are (`+` is a space, `%41` is A, in UTF-8); of
 * several of the name the first. Names are compared decoded, so none can hide behind an encoding.
 * @param name as bytes of UTF-8
 * @returns undefined when there is none; the empty text when it has no value
 */
export function queryValue(target: string, name: Buffer): string | undefined {
  let from = target.indexOf('?') + 1;
  if (from === 0) return undefined;
  while (from <= target.length) {
    const ampersand = target.indexOf('&', from);
    const end = ampersand < 0 ? target.length : ampersand;
    const nameEnd = matchName(target, from, end, name);
    if (nameEnd >= 0) return decode(target.slice(nameEnd + 1, end));
    from = end + 1;
  }
  return undefined;
}

/** Where the name that begins at `from` ends, or -1 when it is another one. Makes no text of it: most are others. */
function matchName(target: string, from: number, end: number, name: Buffer): number {
  let at = from;
  for (const wanted of name) {
    if (at >= end) return -1;
    let byte = target.charCodeAt(at++);
    if (byte === EQUALS || byte === AMPERSAND) return -1;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      const decoded = at + 2 <= end ? hex(target, at) : -1;
      if (decoded >= 0) {
        byte = decoded;
        at += 2;
      }
    }
    if (byte !== wanted) return -1;
  }
  return at === end || target.charCodeAt(at) === EQUALS ? at : -1;
}

function hex(target: string, at: number): number {
  const digits = target.slice(at, at + 2);
  return /^[0-9a-f]{2}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}
