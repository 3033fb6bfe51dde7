import { suggest } from '../lib/suggest.ts';
import { basicUser } from './basic-user.ts';
import { cookieValue } from './cookie.ts';
import type { Exchange } from './exchange.ts';
import { claimText } from './identity.ts';
import { ipKey } from './ip-key.ts';
import { queryValue } from './query.ts';
import { parseTemplate, pieceReader } from './template.ts';

const PLAIN = ['ip', 'route', 'global', 'host', 'consumer', 'basic', 'tenant', 'client_cert'] as const;
const NAMED = ['header', 'query', 'cookie', 'form', 'jwt'] as const;
const TOKEN = /^[!#$%&'*.^_`|~0-9A-Za-z-]+$/;

/** What a key may be, for messages. */
export const KEYS =
  'ip, route, global, host, consumer, basic, tenant, client_cert, header:NAME, query:NAME, cookie:NAME, form:NAME, jwt:CLAIM, several as in ip+route, or a template such as "{header:x-a}-{client_ip}"';

/** One thing that an exchange may be known by. */
export type KeyPart =
  | { readonly from: (typeof PLAIN)[number] }
  /** Header names are in lower case. */
  | { readonly from: (typeof NAMED)[number]; readonly name: string }
  /** A text as `http/template.ts` reads it. */
  | { readonly from: 'template'; readonly text: string };

/** Each entry is parts that count together; the first entry of which an exchange has all parts is its key. */
export type Keys = readonly (readonly KeyPart[])[];

/** What whoever asks for keys can give. */
export interface KeysAllowed {
  /** Whether somebody reads the body before the key is asked for. */
  readonly form?: boolean;
}

/**
 * Reads `ip`, `route`, `global`, `host`, `consumer`, `basic`, `tenant`, `client_cert`, `header:NAME`, `query:NAME`,
 * `cookie:NAME`, `form:NAME` where it is allowed, `jwt:CLAIM`, combinations such as `ip+route`, templates (a text with
 * braces is one, as a whole: `+` and `:` are characters in it), and lists of these.
 * @returns plain data, or what is wrong
 */
export function parseKeys(written: string | readonly string[], allowed: KeysAllowed = {}): Keys | string {
  const keys: (readonly KeyPart[])[] = [];
  for (const text of typeof written === 'string' ? [written] : written) {
    const parts: KeyPart[] = [];
    for (const one of /[{}]/.test(text) ? [text] : text.split('+')) {
      const part = parsePart(one, allowed);
      if (typeof part === 'string') return part;
      parts.push(part);
    }
    keys.push(parts);
  }
  return keys.length === 0 ? 'an empty list: nothing would have a key' : keys;
}

function parsePart(text: string, allowed: KeysAllowed): KeyPart | string {
  if (/[{}]/.test(text)) return parseText(text);
  const plain = PLAIN.find((word) => word === text);
  if (plain !== undefined) return { from: plain };
  const colon = text.indexOf(':');
  const from = NAMED.find((word) => word === text.slice(0, Math.max(colon, 0)));
  if (from === undefined) {
    const meant = suggest(text, PLAIN);
    return `there is no key ${JSON.stringify(text)}${meant === undefined ? '' : `; did you mean ${JSON.stringify(meant)}?`}`;
  }
  if (from === 'form' && allowed.form !== true)
    return `the key ${JSON.stringify(text)} stands in the body, which is not read for this: only rate limits can count by it`;
  const name = text.slice(colon + 1);
  if (from === 'header' || from === 'cookie' ? !TOKEN.test(name) : name === '')
    return `not the name of a ${from === 'jwt' ? 'claim' : from}: ${JSON.stringify(name)}`;
  return { from, name: from === 'header' ? name.toLowerCase() : name };
}

function parseText(text: string): KeyPart | string {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') return pieces;
  return pieces.every((piece) => 'text' in piece)
    ? `the template ${JSON.stringify(text)} names nothing: all would have one key`
    : { from: 'template', text };
}

/** Whether some part of the keys is from there. */
export function keysUse(keys: Keys, from: KeyPart['from']): boolean {
  return keys.some((parts) => parts.some((part) => part.from === from));
}

/** Puts what a tenant is read from in the place of `tenant`. Without this, nobody has a tenant. */
export function resolveTenant(
  keys: Keys,
  source: { readonly kind: 'host' } | { readonly kind: 'header'; readonly name: string },
): Keys {
  const part: KeyPart = source.kind === 'host' ? { from: 'host' } : { from: 'header', name: source.name };
  return keys.map((parts) => parts.map((one) => (one.from === 'tenant' ? part : one)));
}

type Reader = (exchange: Exchange) => string | undefined;

/** How keys are read. */
export interface KeyReading {
  /** Bits of an IPv6 address that count, see {@link ipKey}. Undefined: the address as it stands, which costs nothing. */
  readonly ipv6Prefix?: number | undefined;
}

/**
 * A function that tells an exchange's key: undefined when it has none. What is there but empty counts as not there. Keys
 * say what they were made of, so that no header's value can pass for an address, nor `a|b` + `c` for `a` + `b|c`.
 */
export function keyReader(keys: Keys, reading: KeyReading = {}): Reader {
  const readers = keys.map((parts) => entryReader(parts, reading));
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

function entryReader(parts: readonly KeyPart[], reading: KeyReading): Reader {
  const label = `${parts.map(labelOf).join('+')}=`;
  const readers = parts.flatMap((part) =>
    part.from === 'template' ? textReaders(part.text, reading) : partReader(part, reading),
  );
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
  if (part.from === 'template') return `template:${encodeURIComponent(part.text)}`;
  return 'name' in part ? `${part.from}:${encodeURIComponent(part.name)}` : part.from;
}

/** What a template puts in, one by one: its own text stands in the label. */
function textReaders(text: string, reading: KeyReading): Reader[] {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') throw new Error(`${text}: ${pieces}`);
  return pieces
    .filter((piece) => !('text' in piece))
    .map((piece) => ('from' in piece && piece.from === 'client_ip' ? ipReader(reading) : pieceReader(piece)));
}

function ipReader({ ipv6Prefix }: KeyReading): Reader {
  if (ipv6Prefix === undefined) return (exchange) => exchange.clientAddress;
  return (exchange) => ipKey(exchange.clientAddress, ipv6Prefix);
}

function partReader(part: Exclude<KeyPart, { from: 'template' }>, reading: KeyReading): Reader {
  switch (part.from) {
    case 'ip':
      return ipReader(reading);
    case 'route':
      return (exchange) => exchange.routeId;
    case 'global':
      return () => 'all';
    case 'host':
      return (exchange) => exchange.authority.replace(/:\d*$/, '').toLowerCase();
    case 'consumer':
      return (exchange) => exchange.identity?.consumer;
    case 'basic':
      return ({ identity, headers }) =>
        identity?.method === 'basic' ? identity.subject : basicUser(headers.get('authorization'));
    case 'tenant':
      return () => undefined;
    case 'client_cert':
      return (exchange) => exchange.peer.certificate?.fingerprint;
    case 'header':
      return (exchange) => exchange.headers.get(part.name);
    case 'cookie':
      return (exchange) => cookieValue(exchange.headers, part.name);
    case 'form':
      return (exchange) => exchange.form?.get(part.name) ?? undefined;
    case 'jwt':
      return (exchange) => claimText(exchange.identity, part.name);
    case 'query': {
      const name = Buffer.from(part.name);
      return (exchange) => queryValue(exchange.target, name);
    }
  }
}
