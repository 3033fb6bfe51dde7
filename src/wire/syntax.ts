import { FIELD_ID } from '../http/field-names.ts';

/** What a byte may be part of; one table look-up per byte answers for every grammar the engine reads. */
export const TOKEN = 1; // RFC 9110 §5.6.2
export const VALUE = 2; // field-content: SP, HTAB, VCHAR, obs-text (RFC 9110 §5.5)
export const PATH = 4; // pchar and "/" (RFC 3986 §3.3), and "[" "]" that clients send raw
export const QUERY = 8; // as PATH and "?", and what browsers leave raw in a query
export const HOST = 16; // DNS names as they are used, "_" among them; reg-name's other characters are refused
export const HEX = 32;
export const UNDERSCORE = 64;

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
  add(UNDERSCORE, '_');
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

/** Known field names by length and two of their letters: a few share a bucket, none needs a look at every byte. */
const BUCKETS = 1024;
const BY_SHAPE: { name: Uint8Array; id: number }[][] = byShape();

function shape(length: number, first: number, last: number): number {
  return ((length << 5) ^ ((first | 0x20) << 2) ^ (last | 0x20)) & (BUCKETS - 1);
}

function byShape(): { name: Uint8Array; id: number }[][] {
  const table: { name: Uint8Array; id: number }[][] = Array.from({ length: BUCKETS }, () => []);
  for (const [text, id] of FIELD_ID) {
    const name = new TextEncoder().encode(text);
    const at = shape(name.length, name[0] as number, name[name.length - 1] as number);
    (table[at] as { name: Uint8Array; id: number }[]).push({ name, id });
  }
  return table;
}

/** The id of the field name in `buf[start, end)`, in any case; 0 for one that is not known. */
export function nameId(buf: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const lower = LOWER;
  const bucket = BY_SHAPE[shape(length, buf[start] as number, buf[end - 1] as number)] as { name: Uint8Array; id: number }[];
  for (let candidate = 0; candidate < bucket.length; candidate++) {
    const { name, id } = bucket[candidate] as { name: Uint8Array; id: number };
    if (name.length !== length) continue;
    let at = 0;
    while (at < length && lower[buf[start + at] as number] === name[at]) at++;
    if (at === length) return id;
  }
  return 0;
}

/** Names that whoever reads `_` as `-` (CGI and its heirs) takes for a field that the gateway answers for. */
const TWINS =
  /^(?:(?:content|x-request)-(?:length|id)|x-(?:forwarded-.*|real-ip)|max-forwards|http2-settings|(?:keep|transfer|proxy)-.+)$/;

/** Whether the name in `buf[start, end)`, which has an underscore, could pass for one of those. */
export function isTwin(buf: Buffer, start: number, end: number): boolean {
  return TWINS.test(buf.toString('latin1', start, end).toLowerCase().replaceAll('_', '-'));
}
