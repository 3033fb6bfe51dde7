import type { Headers } from './headers.ts';

/**
 * The value of a cookie (RFC 6265 §4.2.1), without its quotes if it has them; of several of the name the first, which is
 * the most specific one (§5.4). Nothing is decoded: servers do not agree on how.
 * @returns undefined when there is none; the empty text when it has no value
 */
export function cookieValue(headers: Headers, name: string): string | undefined {
  if (!headers.has('cookie')) return undefined;
  // One by one: joined lines would put a comma between two cookies.
  for (const line of headers.all('cookie')) {
    let from = 0;
    while (from < line.length) {
      const semicolon = line.indexOf(';', from);
      const end = semicolon < 0 ? line.length : semicolon;
      const equals = line.indexOf('=', from);
      if (equals >= 0 && equals < end && line.slice(from, equals).trim() === name)
        return unquote(line.slice(equals + 1, end).trim());
      from = end + 1;
    }
  }
  return undefined;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}
