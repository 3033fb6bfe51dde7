import type { Algorithm } from './algorithms.ts';
import { type JsonObject, readJsonObject } from './json-object.ts';

/** Characters. More fits into no header section that is worth reading. */
export const MOST_CHARACTERS = 8192;
const MOST_KID = 1024;

/** A token as it says of itself, before anybody has looked at its signature: good for refusing it, and for nothing else. */
export interface Token {
  readonly text: string;
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
  readonly claims: JsonObject;
  /** Characters of the payload. */
  readonly size: number;
}

/**
 * Reads the compact form (RFC 7515 §7.1). Header parameters that point to keys (`jwk`, `jku`, `x5u`, `x5c`) mean nothing here.
 * @param algorithms those that are believed
 * @returns what is wrong with it as text, for clients
 */
export function readToken(text: string, algorithms: readonly Algorithm[]): Token | string {
  if (text.length > MOST_CHARACTERS) return 'the token is too long';
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  if (first < 0 || second < 0 || text.includes('.', second + 1)) return 'the token does not have three parts';
  const [header, payload] = [readPart(text.slice(0, first)), readPart(text.slice(first + 1, second))];
  if (!isBase64url(text.slice(second + 1))) return 'the signature of the token is not base64url';
  if (header === undefined || payload === undefined) return 'the token does not hold JSON objects in base64url';
  const { kid, typ } = header;
  const algorithm = algorithms.find((name) => name === header['alg']);
  if (algorithm === undefined) return 'the algorithm of the token is not accepted';
  if (Object.hasOwn(header, 'crit')) return 'the token has critical parameters that are not understood';
  if (Object.hasOwn(header, 'b64') && header['b64'] !== true) return 'the payload of the token is not encoded';
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MOST_KID)) return 'the kid of the token is not a short text';
  if (typ !== undefined && typeof typ !== 'string') return 'the typ of the token is not a text';
  return { text, algorithm, kid, typ, claims: payload, size: second - first };
}

function readPart(text: string): JsonObject | undefined {
  return isBase64url(text) ? readJsonObject(Buffer.from(text, 'base64url')) : undefined;
}

const ALPHABET = /^[A-Za-z0-9_-]+$/;

/**
 * Whether it is the one way to write its bytes (RFC 4648 §3.5): bits of the last character that are left over are zero.
 * Otherwise a token had several spellings.
 */
function isBase64url(text: string): boolean {
  if (!ALPHABET.test(text)) return false;
  const over = text.length % 4;
  if (over === 0) return true;
  return over === 2 ? /[AQgw]$/.test(text) : over === 3 && /[AEIMQUYcgkosw048]$/.test(text);
}
