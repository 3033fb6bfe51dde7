import { clientScheme } from './client-scheme.ts';
import { cookieValue } from './cookie.ts';
import type { Exchange } from './exchange.ts';
import { claimText } from './identity.ts';
import { queryValue } from './query.ts';

const PLAIN = ['client_ip', 'request_id', 'route', 'host', 'method', 'path', 'scheme', 'consumer', 'user'] as const;
const NAMED = ['header', 'query', 'cookie', 'jwt', 'client_cert'] as const;
const CERTIFICATE_PARTS = ['subject', 'cn', 'san', 'fingerprint'] as const;
const TOKEN = /^[!#$%&'*.^_`|~0-9A-Za-z-]+$/;
const PARAMETER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What may stand in braces, for messages. */
export const TEMPLATE_NAMES = `${PLAIN.join(', ')}, header:NAME, query:NAME, cookie:NAME, jwt:CLAIM, client_cert:subject|cn|san|fingerprint, or a parameter of the path`;

/** A part of a text: as it stands, or what something of the exchange is put in for. */
export type TemplatePiece =
  | { readonly text: string }
  | { readonly from: (typeof PLAIN)[number] }
  | { readonly from: (typeof NAMED)[number]; readonly name: string }
  | { readonly from: 'param'; readonly name: string };

/**
 * Reads a text with names in braces: `user-{jwt:sub}`, `/v2/{id}`. `{{` and `}}` are braces.
 * @returns plain data, or what is wrong
 */
export function parseTemplate(text: string): readonly TemplatePiece[] | string {
  const pieces: TemplatePiece[] = [];
  for (const [part] of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g)) {
    if (part === '{' || part === '}') return `a ${part} alone: braces stand around a name, and doubled for themselves`;
    const piece = part === '{{' || part === '}}' ? { text: part[0] as string } : readPiece(part);
    if (typeof piece === 'string') return piece;
    pieces.push(piece);
  }
  return pieces;
}

function readPiece(part: string): TemplatePiece | string {
  if (!part.startsWith('{')) return { text: part };
  const written = part.slice(1, -1);
  const plain = PLAIN.find((word) => word === written);
  if (plain !== undefined) return { from: plain };
  const colon = written.indexOf(':');
  if (colon < 0) return PARAMETER.test(written) ? { from: 'param', name: written } : `not a name: ${JSON.stringify(part)}`;
  const from = NAMED.find((word) => word === written.slice(0, colon));
  const name = written.slice(colon + 1);
  if (from === undefined) return `there is no ${JSON.stringify(part)}`;
  if (from === 'header')
    return TOKEN.test(name) ? { from, name: name.toLowerCase() } : `not a field name: ${JSON.stringify(name)}`;
  if (from === 'client_cert' && !CERTIFICATE_PARTS.some((word) => word === name))
    return `client_cert has ${CERTIFICATE_PARTS.join(', ')}, not ${JSON.stringify(name)}`;
  return name === '' ? `${from}: without a name` : { from, name };
}

/** The path parameters that a text names: whether the path has them is the route's matter. */
export function templateParams(text: string): string[] {
  const pieces = parseTemplate(text);
  return typeof pieces === 'string'
    ? []
    : pieces.flatMap((piece) => ('from' in piece && piece.from === 'param' ? [piece.name] : []));
}

/**
 * A function that fills a text in: undefined where something that it names is not there or empty. What comes out is safe
 * in a header field: one-byte characters, UTF-8 for what is not ASCII, and no controls, for which their percent-encoding
 * stands. It is not safe in a path.
 * @param text as {@link parseTemplate} takes it
 * @throws Error when it does not
 */
export function template(text: string): (exchange: Exchange) => string | undefined {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') throw new Error(`${text}: ${pieces}`);
  const readers = pieces.map(pieceReader);
  const [only] = readers;
  if (only !== undefined && readers.length === 1) {
    return (exchange) => {
      const value = only(exchange);
      return value === undefined || value === '' ? undefined : value;
    };
  }
  return (exchange) => {
    let filled = '';
    for (const read of readers) {
      const value = read(exchange);
      if (value === undefined || value === '') return undefined;
      filled += value;
    }
    return filled;
  };
}

/** The value of one piece, safe in a field; undefined where it is not there. */
export function pieceReader(piece: TemplatePiece): (exchange: Exchange) => string | undefined {
  if ('text' in piece) {
    const text = fieldSafe(piece.text, true);
    return () => text;
  }
  const read = valueReader(piece);
  const isText = !BYTES.has(piece.from);
  return (exchange) => {
    const value = read(exchange);
    return value === undefined ? undefined : fieldSafe(value, isText);
  };
}

function valueReader(piece: Exclude<TemplatePiece, { text: string }>): (exchange: Exchange) => string | undefined {
  switch (piece.from) {
    case 'client_ip':
      return (exchange) => exchange.clientAddress;
    case 'request_id':
      return (exchange) => exchange.requestId;
    case 'route':
      return (exchange) => exchange.routeId;
    case 'host':
      return (exchange) => exchange.authority.replace(/:\d*$/, '');
    case 'method':
      return (exchange) => exchange.method;
    case 'path':
      return (exchange) => exchange.path;
    case 'scheme':
      return clientScheme;
    case 'consumer':
      return (exchange) => exchange.identity?.consumer;
    case 'user':
      return (exchange) => exchange.identity?.subject;
    case 'header':
      return (exchange) => exchange.headers.get(piece.name);
    case 'cookie':
      return (exchange) => cookieValue(exchange.headers, piece.name);
    case 'jwt':
      return (exchange) => claimText(exchange.identity, piece.name);
    case 'query': {
      const name = Buffer.from(piece.name);
      return (exchange) => queryValue(exchange.target, name);
    }
    case 'client_cert':
      return (exchange) => certificatePart(exchange, piece.name);
    default:
      return (exchange) => exchange.params[piece.name];
  }
}

function certificatePart({ peer: { certificate } }: Exchange, part: string): string | undefined {
  if (part === 'subject') return certificate?.subject;
  if (part === 'cn') return certificate?.commonName;
  return part === 'san' ? certificate?.names.join(', ') : certificate?.fingerprint;
}

/** What came in a head is bytes already, one a character; the rest is text. */
const BYTES: ReadonlySet<string> = new Set(['header', 'cookie', 'host', 'path', 'param', 'method']);
const PLAIN_TEXT = /^[\t\x20-\x7e]*$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/g;

function fieldSafe(value: string, isText: boolean): string {
  if (PLAIN_TEXT.test(value)) return value;
  const bytes = isText ? Buffer.from(value, 'utf8').toString('latin1') : value;
  return bytes.replace(CONTROL, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
}

/** A field has no spaces around its value; a byte of UTF-8 that looks like one to JavaScript is none. @returns undefined for nothing else */
export function trimmed(value: string): string | undefined {
  let [start, end] = [0, value.length];
  while (start < end && isSpace(value.charCodeAt(start))) start++;
  while (end > start && isSpace(value.charCodeAt(end - 1))) end--;
  return start === end ? undefined : value.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
