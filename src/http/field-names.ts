/**
 * The field names the gateway itself asks for. A parser gives each field of such a name its id while it reads the
 * name's bytes, so that later look-ups compare small integers instead of lower-casing and hashing text.
 * Ids start at 1 (0: any other name) and stay below 63, so that two 31-bit masks say which are present.
 * Those that the engine itself acts on come first: see {@link LAST_ENGINE_ID}.
 */
const KNOWN_NAMES = [
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'expect',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'max-forwards',
  'date',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
  'content-type',
  'content-encoding',
  'cache-control',
  'authorization',
  'cookie',
  'set-cookie',
  'accept',
  'accept-encoding',
  'origin',
  'vary',
  'etag',
  'age',
  'range',
  'if-none-match',
  'if-modified-since',
  'last-modified',
  'expires',
  'location',
  'server',
  'user-agent',
  'traceparent',
  'tracestate',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'retry-after',
  'x-forwarded-port',
  'x-real-ip',
  'x-api-key',
  'access-control-request-method',
  'www-authenticate',
  'content-range',
  'accept-ranges',
] as const;

export type KnownName = (typeof KNOWN_NAMES)[number];

/** Lower-case name to id. */
export const FIELD_ID: ReadonlyMap<string, number> = new Map(KNOWN_NAMES.map((name, at) => [name, at + 1]));

/** Ids by the spelling that the gateway writes as well: it adds several fields to every message. */
const SPELLED: ReadonlyMap<string, number> = new Map([
  ...FIELD_ID,
  ...[...FIELD_ID].map(([name, id]) => [name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()), id] as const),
  ['X-Request-ID', fieldId('x-request-id')] as const,
]);

/** The id of a name in any case; 0 for one that is not known. */
export function fieldIdOf(name: string): number {
  return SPELLED.get(name) ?? FIELD_ID.get(name.toLowerCase()) ?? 0;
}

/** Fields with ids above this one are none of the engine's business. */
export const LAST_ENGINE_ID = 15;

/** The id of a name that is known when the code is written. */
export function fieldId(name: KnownName): number {
  return FIELD_ID.get(name) as number;
}
