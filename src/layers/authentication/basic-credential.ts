import { isUtf8 } from 'node:buffer';

/** Bytes. With the longest name of a consumer it fits into a credential. */
export const LONGEST_PASSWORD = 1400;
/** Characters of base64: 1536 bytes of user and password. */
const LONGEST = 2048;
const SCHEME = /^basic(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i;
const CREDENTIAL = /^basic {1,8}([A-Za-z0-9+/]+={0,2})$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
export const CONTROL = /[\0-\x1f\x7f]/;

export interface BasicCredential {
  readonly user: string;
  readonly password: string;
}

/** Whether the value of an `Authorization` field speaks of basic authentication, well or badly. */
export function isBasic(value: string): boolean {
  return SCHEME.test(value);
}

/**
 * Reads `Basic` and base64 (RFC 7617 §2), strictly: padded, no stray bits, UTF-8, a colon, no control characters. All
 * behind the first colon is the password.
 * @returns undefined for what is not that
 */
export function readBasic(value: string): BasicCredential | undefined {
  if (value.length > LONGEST + 16) return undefined;
  const [, encoded] = CREDENTIAL.exec(value) ?? [];
  if (encoded === undefined || encoded.length > LONGEST) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded || !isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || CONTROL.test(text)) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
