/** Printable ASCII without quote and backslash. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const HEX = '0123456789abcdef';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * A JSON string (RFC 8259 §7) in ASCII: characters of other peoples' choosing, latin1 ones too, cannot end a line,
 * move a terminal's cursor, or make bytes that are no UTF-8.
 */
export function jsonString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = '"';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f && code !== QUOTE && code !== BACKSLASH) continue;
    out += text.slice(from, at);
    from = at + 1;
    if (code === QUOTE || code === BACKSLASH) out += `\\${text[at]}`;
    else out += `\\u${HEX[code >> 12]}${HEX[(code >> 8) & 15]}${HEX[(code >> 4) & 15]}${HEX[code & 15]}`;
  }
  return `${out}${text.slice(from)}"`;
}

/** The inside of a quoted part of a combined line, as Apache writes it: `\"`, `\\`, and `\xhh` for all but printable ASCII. */
export function quotedPart(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code === BACKSLASH) out += `\\${text[at]}`;
    else if (code >= 0x20 && code < 0x7f) out += text[at];
    // Fields are latin1: a character is a byte.
    else out += `\\x${HEX[(code >> 4) & 15]}${HEX[code & 15]}`;
  }
  return out;
}
