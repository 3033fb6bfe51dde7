import { isUtf8 } from 'node:buffer';

export type JsonObject = Readonly<Record<string, unknown>>;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * A JSON object in UTF-8, or undefined for anything else. One that names a member twice is none: which of the two counts
 * is every reader's own choice (RFC 8259 §4), so whoever signed may have read the other. Members of members may repeat.
 */
export function readJsonObject(bytes: Buffer): JsonObject | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return repeatsMember(text) ? undefined : (value as JsonObject);
  } catch {
    return undefined;
  }
}

/** For the text of an object that `JSON.parse` has taken: what is left to know is where its strings and levels are. */
function repeatsMember(text: string): boolean {
  const seen = new Set<string>();
  let depth = 0;
  let nameNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // `{` and `[`, `}` and `]` differ in one bit.
    if ((code & 0xdf) === 0x5b) nameNext = ++depth === 1;
    else if ((code & 0xdf) === 0x5d) depth -= 1;
    else if (code === COMMA) nameNext = depth === 1;
    else if (code === QUOTE) {
      const end = endOfString(text, at);
      if (nameNext) {
        const name = JSON.parse(text.slice(at, end + 1)) as string;
        if (seen.has(name)) return true;
        seen.add(name);
        nameNext = false;
      }
      at = end;
    }
  }
  return false;
}

/** Where the quote is that ends the string which begins at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return end;
}
