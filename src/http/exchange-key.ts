import { suggest } from '../lib/suggest.ts';
import { cookieValue } from './cookie.ts';
import type { Exchange } from './exchange.ts';
import { queryValue } from './query.ts';

const PLAIN = ['ip', 'route', 'global'] as const;
const NAMED = ['header', 'query', 'cookie'] as const;
/** Words that will be keys one day: they are refused as such, not as unknown. */
const LATER = /^(?:form:|jwt:|basic$|consumer$)/;
const TOKEN = /^[!#$%&'*.^_`|~0-9A-Za-z-]+$/;

/** What a key may be, for messages. */
export const KEYS = 'ip, route, global, header:NAME, query:NAME, cookie:NAME, or several as in ip+route';

/** One thing that an exchange may be known by. */
export type KeyPart =
  | { readonly from: (typeof PLAIN)[number] }
  /** Header names are in lower case. */
  | { readonly from: (typeof NAMED)[number]; readonly name: string };

/** Each entry is parts that count together; the first entry of which an exchange has all parts is its key. */
export type Keys = readonly (readonly KeyPart[])[];

/**
 * Reads `ip`, `route`, `global`, `header:NAME`, `query:NAME`, `cookie:NAME`, combinations such as `ip+route`, and lists of
 * these.
 * @returns plain data, or what is wrong
 */
export function parseKeys(written: string | readonly string[]): Keys | string {
  const keys: (readonly KeyPart[])[] = [];
  for (const text of typeof written === 'string' ? [written] : written) {
    const parts: KeyPart[] = [];
    for (const one of text.split('+')) {
      const part = parsePart(one);
      if (typeof part === 'string') return part;
      parts.push(part);
    }
    keys.push(parts);
  }
  return keys.length === 0 ? 'an empty list: nothing would have a key' : keys;
}

function parsePart(text: string): KeyPart | string {
  const plain = PLAIN.find((word) => word === text);
  if (plain !== undefined) return { from: plain };
  if (LATER.test(text)) return `the key ${JSON.stringify(text)} is not in this version`;
  const colon = text.indexOf(':');
  const from = NAMED.find((word) => word === text.slice(0, Math.max(colon, 0)));
  if (from === undefined) {
    const meant = suggest(text, PLAIN);
    return `there is no key ${JSON.stringify(text)}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
  }
  const name = text.slice(colon + 1);
  if (from === 'query' ? name === '' : !TOKEN.test(name)) return `not the name of a ${from}: ${JSON.stringify(name)}`;
  return { from, name: from === 'header' ? name.toLowerCase() : name };
}

type Reader = (exchange: Exchange) => string | undefined;

/**
 * A function that tells an exchange's key: undefined when it has none. What is there but empty counts as not there. Keys
 * say what they were made of, so that no header's value can pass for an address, nor `a|b` + `c` for `a` + `b|c`.
 */
export function keyReader(keys: Keys): Reader {
  const readers = keys.map(entryReader);
  const [only] = readers;
  if (only !== undefined && readers.length === 1) return only;
  return (exchange) => {
    for (const read of readers) {
      const key = read(exchange);
      if (key !== undefined) return key;
    }
    return undefined;
  };
}

function entryReader(parts: readonly KeyPart[]): Reader {
  const label = `${parts.map(labelOf).join('+')}=`;
  const readers = parts.map(partReader);
  const [only] = readers;
  if (only !== undefined && readers.length === 1) {
    return (exchange) => {
      const value = only(exchange);
      return value === undefined || value === '' ? undefined : label + value;
    };
  }
  return (exchange) => {
    let key = label;
    for (const read of readers) {
      const value = read(exchange);
      if (value === undefined || value === '') return undefined;
      // With its length before it, a value ends in one place only.
      key += `${value.length}:${value}`;
    }
    return key;
  };
}

function labelOf(part: KeyPart): string {
  return 'name' in part ? `${part.from}:${encodeURIComponent(part.name)}` : part.from;
}

function partReader(part: KeyPart): Reader {
  switch (part.from) {
    case 'ip':
      return (exchange) => exchange.clientAddress;
    case 'route':
      return (exchange) => exchange.routeId;
    case 'global':
      return () => 'all';
    case 'header':
      return (exchange) => exchange.headers.get(part.name);
    case 'cookie':
      return (exchange) => cookieValue(exchange.headers, part.name);
    case 'query': {
      const name = Buffer.from(part.name);
      return (exchange) => queryValue(exchange.target, name);
    }
  }
}
