import { CLASS, HEX, HOST, PATH, PERCENT, QUERY } from './syntax.ts';

/** A request target after validation (RFC 9112 §3.2). */
export interface Target {
  readonly form: 'origin' | 'absolute' | 'asterisk';
  /** Of the absolute form, as it was written. */
  readonly authority: string;
  /** Scheme of the absolute form. */
  readonly scheme?: 'http' | 'https';
  /** Path and query for the next hop, or "*". */
  readonly value: string;
}

const SLASH = 47;
const QUESTION = 63;
const ABSOLUTE = /^(https?):\/\/([^/?]*)(.*)$/is;

/** @returns the target, or what is wrong with it */
export function readTarget(buf: Buffer, start: number, end: number, method: string, text: string): Target | string {
  if (method === 'CONNECT') return 'CONNECT asks for a forward proxy';
  if (buf[start] === SLASH) {
    return isPathAndQuery(buf, start, end)
      ? { form: 'origin', authority: '', value: text }
      : 'a character in the target that must be percent-encoded';
  }
  if (text === '*')
    return method === 'OPTIONS' ? { form: 'asterisk', authority: '', value: '*' } : 'the target "*" is for OPTIONS';
  const parts = ABSOLUTE.exec(text);
  if (parts === null) return 'a target that is neither a path nor an http URL';
  const [, scheme, authority, rest] = parts as unknown as [string, string, string, string];
  if (authority === '' || !hostOf(authority)) return 'an absolute target without a valid host';
  if (!isPathAndQuery(buf, end - rest.length, end)) return 'a character in the target that must be percent-encoded';
  const value = rest === '' && method === 'OPTIONS' ? '*' : rest.startsWith('/') ? rest : `/${rest}`;
  return { form: value === '*' ? 'asterisk' : 'absolute', authority, scheme: scheme.toLowerCase() as 'http' | 'https', value };
}

function isPathAndQuery(buf: Buffer, start: number, end: number): boolean {
  let allowed = PATH;
  for (let at = start; at < end; at++) {
    const byte = buf[at] as number;
    if (byte === QUESTION) allowed = QUERY;
    else if (((CLASS[byte] as number) & allowed) === 0) return false;
    else if (byte === PERCENT && !isEncoded(buf, at, end)) return false;
  }
  return true;
}

/** `%` and two hexadecimal digits; an encoded NUL is refused: nothing good has one, and C code behind us ends there. */
function isEncoded(buf: Buffer, at: number, end: number): boolean {
  if (at + 2 >= end) return false;
  const high = buf[at + 1] as number;
  const low = buf[at + 2] as number;
  if (((CLASS[high] as number) & (CLASS[low] as number) & HEX) === 0) return false;
  return high !== 48 || low !== 48;
}

const IPV6 = /^\[(?:[0-9a-f:.]+|v[0-9a-f]+\.[a-z0-9\-._~!$&'()*+,;=:]+)\](?::([0-9]{0,5}))?$/i;

/** Whether the text is a host with an optional port (RFC 9110 §7.2), in the names that DNS and addresses use. */
export function hostOf(text: string): boolean {
  if (text.charCodeAt(0) === 91) {
    const match = IPV6.exec(text);
    return match !== null && Number(match[1] ?? 0) <= 65535 && isAddress(text);
  }
  let at = 0;
  while (at < text.length && ((CLASS[text.charCodeAt(at) & 0xff] as number) & HOST) !== 0) at++;
  if (at === 0) return false;
  if (at === text.length) return true;
  if (text.charCodeAt(at) !== 58) return false;
  const port = text.slice(at + 1);
  return /^[0-9]{0,5}$/.test(port) && Number(port) <= 65535;
}

/** A colon list that a URL parser takes as an IPv6 address: its groups are counted there, not here. */
function isAddress(text: string): boolean {
  return text.charCodeAt(1) === 118 || text.charCodeAt(1) === 86 || URL.canParse(`http://${text}/`);
}
