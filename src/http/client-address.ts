import { isIPv4 } from 'node:net';
import { readIp } from '../lib/address.ts';
import type { Headers } from './headers.ts';

/** Obfuscated (RFC 7239 §6.3) or not, a port says nothing that anyone here asks for; it must be one, though. */
const PORT = '(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?';
const NODE = new RegExp(String.raw`^(?:([0-9.]+)|\[([0-9A-Fa-f:.]+)\])${PORT}$`);
const PAIR = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)|"((?:[^"\\]|\\.)*)")$/;

/**
 * The client's address as proxies that are trusted tell it: from the nearest proxy on, as long as the address that it
 * saw is a trusted proxy's as well. Where that tale breaks off (`unknown`, an obfuscated identifier, what is no
 * address), the last address that a trusted one told is the client's.
 *
 * `X-Forwarded-For` is read when there is one, and `Forwarded` (RFC 7239) only without it: a proxy that writes one of
 * the two passes the other on as its client sent it, and nearly all write `X-Forwarded-For`.
 * @param peer the address of the nearest proxy, which is trusted
 */
export function clientAddress(headers: Headers, peer: string, isTrusted: (address: string) => boolean): string {
  const chain = headers.get('x-forwarded-for');
  const text = chain ?? headers.get('forwarded');
  if (text === undefined) return peer;
  const read = chain === undefined ? readForwarded : readPlain;
  let client = peer;
  let end = text.length;
  while (end > 0) {
    const start = chain === undefined ? elementStart(text, end) : text.lastIndexOf(',', end - 1) + 1;
    if (start < 0) return client;
    const element = text.slice(start, end).trim();
    end = start - 1;
    // RFC 9110 §5.6.1: an empty element of a list says nothing.
    if (element === '') continue;
    const address = read(element);
    if (address === undefined) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** An address, with a port or without; an IPv6 one stands in brackets when it has one. */
function readPlain(element: string): string | undefined {
  return readIp(element) ?? readNode(element);
}

/** `192.0.2.1`, `[2001:db8::1]`, each with a port or without. */
function readNode(node: string): string | undefined {
  const [, four, six] = NODE.exec(node) ?? [];
  if (four !== undefined) return isIPv4(four) ? four : undefined;
  return six === undefined || isIPv4(six) ? undefined : readIp(six);
}

/** The `for` of one element of `Forwarded`: `for=192.0.2.1;proto=https`. */
function readForwarded(element: string): string | undefined {
  let node: string | undefined;
  for (const text of splitPairs(element)) {
    const [, name = '', token, quoted] = PAIR.exec(text) ?? [];
    if (name === '') return undefined;
    if (name.toLowerCase() !== 'for') continue;
    // RFC 7239 §4: a parameter occurs once.
    if (node !== undefined) return undefined;
    node = token ?? (quoted as string).replaceAll(/\\(.)/g, '$1');
  }
  return node === undefined ? undefined : readNode(node);
}

/** Parts between semicolons, those in quotes left out; an unclosed quote stays in its part, which is no pair then. */
function splitPairs(element: string): string[] {
  return (element.match(/(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g) ?? []).map((pair) => pair.trim());
}

/**
 * Where the last element of a list begins, found from its end: what a client wrote before it, such as an open quote,
 * must not change how the words of a trusted proxy are read.
 * @returns −1 when a quoted text has no beginning
 */
function elementStart(text: string, end: number): number {
  let quoted = false;
  for (let at = end - 1; at >= 0; at--) {
    const character = text[at];
    if (character === '"' && !(quoted && isEscaped(text, at))) quoted = !quoted;
    else if (character === ',' && !quoted) return at + 1;
  }
  return quoted ? -1 : 0;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}
