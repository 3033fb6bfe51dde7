/** What one engine made of a message. Text is latin1; names of fields are in lower case. */
export interface SeenMessage {
  /** `METHOD target minor` of a request, the status of a reply. */
  line: string;
  fields: string[];
  /** Those too that are for the connection, where the engine tells. */
  all: string[];
  body: string;
  trailers: string[];
  /** Its body came to its end. */
  whole: boolean;
}

/** What one engine made of all bytes of a connection. */
export interface Seen {
  messages: SeenMessage[];
  /** Why it refused to read on; undefined when it did not. */
  refusal: { readonly code: string; readonly detail: string } | undefined;
}

/** Fields that are for the connection and not for whoever reads the message (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set([
  ...['connection', 'transfer-encoding', 'te', 'upgrade', 'keep-alive', 'proxy-connection', 'expect', 'http2-settings'],
  ...['proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info'],
]);

/** RFC 9110 §6.5.1: what cannot be said after the body. */
const NOT_IN_TRAILERS = new Set([
  ...['transfer-encoding', 'content-length', 'host', 'trailer', 'te', 'connection', 'keep-alive', 'proxy-connection', 'upgrade'],
  ...['content-encoding', 'content-type', 'content-range', 'cache-control', 'expect', 'max-forwards', 'pragma', 'range', 'vary'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'authorization', 'set-cookie'],
  ...['cookie', 'proxy-authenticate', 'proxy-authorization', 'www-authenticate', 'age', 'date', 'expires', 'location'],
  ...['retry-after', 'via', 'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id'],
]);

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [(flat[2 * at] as string).toLowerCase(), flat[2 * at + 1] as string]);
}

/** Every field as an engine gave it. */
export function written(flat: readonly string[]): string[] {
  return pairs(flat).map(([name, value]) => `${name}: ${value}`);
}

/** A head's fields as an engine gave them, without those for the connection. */
export function endToEnd(flat: readonly string[]): string[] {
  const fields = pairs(flat);
  const listed = new Set<string>();
  for (const [name, value] of fields) {
    if (name === 'connection') for (const option of value.toLowerCase().split(',')) listed.add(option.trim());
  }
  const chunked = fields.some(([name]) => name === 'transfer-encoding');
  const stays = (name: string): boolean =>
    name === 'host' ||
    name === 'content-length' ||
    !(HOP_BY_HOP.has(name) || listed.has(name) || (name === 'trailer' && !chunked));
  return fields.filter(([name]) => stays(name)).map(([name, value]) => `${name}: ${value}`);
}

/** Trailer fields as an engine gave them, without those that mean nothing there. */
export function allowedTrailers(flat: readonly string[]): string[] {
  return pairs(flat)
    .filter(([name]) => !NOT_IN_TRAILERS.has(name))
    .map(([name, value]) => `${name}: ${value}`);
}
