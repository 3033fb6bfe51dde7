import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { normalizePath } from '../../http/normalize-path.ts';
import { parseTemplate, pieceReader, type TemplatePiece } from '../../http/template.ts';

type Read = (exchange: Exchange) => string;

/** Cuts a prefix off where it ends a segment; other paths stay. */
export function stripPrefix(prefix: string): Read {
  return ({ target }) => {
    if (!target.startsWith(prefix)) return target;
    const rest = target.slice(prefix.length);
    if (rest === '' || rest.startsWith('?')) return `/${rest}`;
    return rest.startsWith('/') ? rest : target;
  };
}

/**
 * A target made of a text. What comes from the request is encoded for its place: it adds no segment but where it is part of
 * the path already, no parameter, and leads nowhere else.
 * @throws GatewayError bad_request, when it is called: something that the text names is not there, or what comes out is not in
 * the one spelling of paths
 */
export function rewritePath(text: string): Read {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') throw new Error(`${text}: ${pieces}`);
  let inQuery = false;
  const readers = pieces.map((piece): Read => {
    if ('text' in piece) {
      inQuery ||= piece.text.includes('?');
      return () => piece.text;
    }
    return valueReader(piece, inQuery);
  });
  const keepsQuery = !inQuery;
  return (exchange) => {
    let target = '';
    for (const read of readers) target += read(exchange);
    const mark = keepsQuery ? exchange.target.indexOf('?') : -1;
    if (mark >= 0) target += exchange.target.slice(mark);
    if (normalizePath(target, 'off') === undefined) throw new GatewayError('bad_request', 'a value that is no part of a path');
    return target;
  };
}

function valueReader(piece: Exclude<TemplatePiece, { text: string }>, inQuery: boolean): Read {
  const read = pieceReader(piece);
  const isPath = piece.from === 'param' || piece.from === 'path';
  return (exchange) => {
    const value = read(exchange);
    if (value === undefined || (value === '' && !isPath)) {
      throw new GatewayError('bad_request', 'a value that the path is made of is missing');
    }
    if (inQuery) return encode(value, isPath ? UNSAFE_IN_QUERY : UNSAFE);
    // Parameters are cut from the path in its one spelling: what is encoded there stays, and so do the slashes of a rest.
    return encode(value, isPath ? UNSAFE_IN_PATH : UNSAFE);
  };
}

/** All but what is unreserved (RFC 3986 §2.3). */
const UNSAFE = /[^A-Za-z0-9._~-]/g;
const UNSAFE_IN_PATH = /[^A-Za-z0-9._~!$&'()*+,;=:@/%-]|%(?![0-9A-Fa-f]{2})/g;
const UNSAFE_IN_QUERY = /[^A-Za-z0-9._~!$'()*,;:@/%-]|%(?![0-9A-Fa-f]{2})/g;

/** @param text one byte a character, as templates give it */
function encode(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}
