const HIDDEN = '[redacted]';

/** Hides values by the names that their senders gave them: of header fields, and of parameters in queries. */
export class Redaction {
  private readonly names: ReadonlySet<string>;

  /** @param names in lower case */
  constructor(names: readonly string[]) {
    this.names = new Set(names.includes('cookie') ? [...names, 'set-cookie'] : names);
  }

  /** The value of a header field as it may be written down. @param name in lower case */
  header(name: string, value: string): string {
    if (this.names.has(name)) return HIDDEN;
    // These hold targets, with the parameters of other requests.
    return name === 'referer' || name === 'location' || name === 'content-location' ? this.target(value) : value;
  }

  /** A target or URL with the values of redacted parameters hidden. */
  target(text: string): string {
    const query = text.indexOf('?');
    return query < 0 || this.names.size === 0 ? text : text.slice(0, query + 1) + this.query(text.slice(query + 1));
  }

  private query(text: string): string {
    let out = '';
    let from = 0;
    for (let start = 0; start < text.length; ) {
      let end = start;
      // A semicolon parts parameters too, for some who read them; a fragment ends them.
      while (end < text.length && !'&;#'.includes(text[end] as string)) end += 1;
      const equals = text.indexOf('=', start);
      if (equals >= 0 && equals < end && this.names.has(decoded(text.slice(start, equals)))) {
        out += text.slice(from, equals + 1) + HIDDEN;
        from = end;
      }
      start = end + 1;
    }
    return from === 0 ? text : out + text.slice(from);
  }
}

/** A parameter's name as whoever reads it will see it, in lower case. */
function decoded(name: string): string {
  const plain = name.toLowerCase();
  if (!plain.includes('%') && !plain.includes('+')) return plain;
  const byte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return plain
    .replaceAll('+', ' ')
    .replaceAll(/%([0-9a-f]{2})/g, byte)
    .trim()
    .toLowerCase();
}
