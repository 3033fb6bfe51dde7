import { FIELD_ID } from '../http/field-names.ts';

/** What a byte may be part of; one table look-up per byte answers for every grammar the engine reads. */
export const TOKEN = 1; // RFC 9110 §5.6.2
export const VALUE = 2; // field-content: SP, HTAB, VCHAR, obs-text (RFC 9110 §5.5)
export const PATH = 4; // pchar and "/" (RFC 3986 §3.3), and "[" "]" that clients send raw
export const QUERY = 8; // as PATH and "?", and what browsers leave raw in a query
export const HOST = 16; // DNS names as they are used, "_" among them; reg-name's other characters are refused
export const HEX = 32;

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HTAB = 9;
export const COLON = 58;
export const PERCENT = 37;

/** Byte to the set of classes above. */
export const CLASS: Uint8Array = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  const alnum = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const add = (bit: number, text: string) => {
    for (let at = 0; at < text.length; at++) {
      const byte = text.charCodeAt(at);
      table[byte] = (table[byte] as number) | bit;
    }
  };
  add(TOKEN, `${alnum}!#$%&'*+-.^_\`|~`);
  add(PATH, `${alnum}-._~!$&'()*+,;=:@/%[]`);
  add(QUERY, `${alnum}-._~!$&'()*+,;=:@/%[]?{}|^\`\\`);
  add(HOST, `${alnum}-._~`);
  add(HEX, '0123456789ABCDEFabcdef');
  for (let byte = 0; byte < 256; byte++) {
    if (byte === HTAB || (byte >= 0x20 && byte !== 0x7f)) table[byte] = (table[byte] as number) | VALUE;
  }
  return table;
}

/** Byte to its value as a hexadecimal digit; 255 for others. */
export const HEX_VALUE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : 255;
});

/** Byte to the lower-case one. */
export const LOWER: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

/** Known field names by the hash a parser computes on the way through a name's bytes: see {@link nameId}. */
const BUCKETS = 1024;
const BY_HASH: { name: Uint8Array; id: number }[][] = byHash();

function byHash(): { name: Uint8Array; id: number }[][] {
  const table: { name: Uint8Array; id: number }[][] = Array.from({ length: BUCKETS }, () => []);
  for (const [text, id] of FIELD_ID) {
    const name = new TextEncoder().encode(text);
    let hash = 0;
    for (const byte of name) hash = (Math.imul(hash, 31) + byte) | 0;
    (table[hash & (BUCKETS - 1)] as { name: Uint8Array; id: number }[]).push({ name, id });
  }
  return table;
}

/**
 * The id of the field name in `buf[start, end)`, 0 for one that is not known.
 * @param hash of the lower-cased bytes: h = h·31 + byte, in 32 bits
 */
export function nameId(buf: Uint8Array, start: number, end: number, hash: number): number {
  const bucket = BY_HASH[hash & (BUCKETS - 1)] as { name: Uint8Array; id: number }[];
  for (let candidate = 0; candidate < bucket.length; candidate++) {
    const { name, id } = bucket[candidate] as { name: Uint8Array; id: number };
    if (name.length !== end - start) continue;
    let at = 0;
    while (at < name.length && LOWER[buf[start + at] as number] === name[at]) at++;
    if (at === name.length) return id;
  }
  return 0;
}
