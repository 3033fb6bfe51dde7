import { type RedirectPiece, redirectPieces } from '../config/redirect.ts';
import { clientScheme } from '../http/client-scheme.ts';
import { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import type { Handler } from '../http/layer.ts';
import { Reply } from '../http/reply.ts';

export interface RedirectConfig {
  readonly to: string;
  readonly status: number;
}

/** RFC 3986 §3.3: what may stand in a path as it is; the first of these also in the value of a query's parameter. */
const NOT_IN_QUERY = /[^A-Za-z0-9._~!$'()*,;:@/%-]|%(?![0-9A-Fa-f]{2})/g;
const NOT_IN_PATH = /[^A-Za-z0-9._~!$&'()*+,;=:@/%-]|%(?![0-9A-Fa-f]{2})/g;
const NOT_IN_WHOLE_QUERY = /[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]|%(?![0-9A-Fa-f]{2})/g;
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/;

/**
 * The end of the chain for a route that sends clients elsewhere. What comes from the request is encoded for its place, so
 * that it stays inside it: it can neither begin another field nor lead to another host.
 * @throws GatewayError bad_request where the target names the host and the request has none
 */
export function redirect(config: RedirectConfig): Handler {
  const pieces = redirectPieces(config.to);
  const keepsQuery = !config.to.includes('?') && !config.to.includes('#');
  return (exchange) => {
    const headers = new Headers();
    headers.add('Location', target(pieces, exchange, keepsQuery));
    return new Reply(config.status, headers);
  };
}

function target(pieces: readonly RedirectPiece[], exchange: Exchange, keepsQuery: boolean): string {
  let location = '';
  for (const piece of pieces) location += 'text' in piece ? piece.text : filled(piece.name, exchange, location.includes('?'));
  // A browser takes two slashes, and a backslash for one, for the beginning of a host.
  if (location.startsWith('/')) location = location.replace(/^\/+/, '/');
  const query = keepsQuery ? queryOf(exchange) : '';
  return query === '' ? location.replace(/[?&]+(?=#|$)/, '') : `${location}?${query}`;
}

function filled(name: string, exchange: Exchange, inQuery: boolean): string {
  switch (name) {
    case 'scheme':
      return clientScheme(exchange);
    case 'host':
      return hostOf(exchange);
    case 'path':
      return encode(exchange.path, NOT_IN_PATH);
    case 'query':
      return queryOf(exchange);
    default:
      return encode(exchange.params[name] ?? '', inQuery ? NOT_IN_QUERY : NOT_IN_PATH);
  }
}

/** Without its port: the one that the client used is rarely that of the target. */
function hostOf({ authority }: Exchange): string {
  const host = authority.replace(/:\d*$/, '');
  if (!HOST.test(host)) throw new GatewayError('bad_request', 'the redirect needs the name of a host');
  return host;
}

function queryOf({ target }: Exchange): string {
  const mark = target.indexOf('?');
  return mark < 0 ? '' : encode(target.slice(mark + 1), NOT_IN_WHOLE_QUERY);
}

/** What is encoded already stays as it is. */
function encode(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (char) => encodeURIComponent(char.toWellFormed()));
}
