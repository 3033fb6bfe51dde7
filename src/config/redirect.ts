import { z } from 'zod';
import { field, quote, Wrong } from '../lib/fields.ts';

/** A piece of a redirect's target: fixed text, or what the request fills in. */
export type RedirectPiece = { readonly text: string } | { readonly name: string };

/** What every request has; any other name is a parameter of the route's path. */
export const REDIRECT_NAMES: readonly string[] = ['host', 'path', 'query', 'scheme'];

const STATUSES = [301, 302, 303, 307, 308] as const;
/** RFC 3986 §2, without what a template is made of. */
const URI_TEXT = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#[\]-]|%[0-9A-Fa-f]{2})*$/;

/** The pieces of a target such as `https://{host}/new/{id}`. That the braces are in order has been checked. */
export function redirectPieces(to: string): RedirectPiece[] {
  return to
    .split(/(\{\w+\})/)
    .filter((text) => text !== '')
    .map((text) => (text.startsWith('{') ? { name: text.slice(1, -1) } : { text }));
}

function checkTarget(to: string): string | Wrong {
  const pieces = redirectPieces(to);
  const bad = pieces.find((piece) => 'text' in piece && !URI_TEXT.test(piece.text));
  if (bad !== undefined) return new Wrong(`has characters that no URI has: ${quote(to)}`);
  const parts = /^(?:(https?|\{scheme\}):\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(to);
  const [, scheme, authority = '', path = '', query = ''] = parts ?? [];
  // {path} begins with a slash, so it ends the authority like one.
  const host = authority.replace(/\{path\}$/, '');
  const rest = authority.slice(host.length) + path;
  if (
    scheme !== undefined &&
    !/^(?:[\w.-]|\{host\})+(?::\d{1,5})?$/.test(host) &&
    !/^\[[0-9a-fA-F:.]+\](?::\d{1,5})?$/.test(host)
  )
    return new Wrong(`the host of a redirect is fixed text and {host}, so that no client chooses where it leads: ${quote(to)}`);
  if (scheme === undefined && !/^(?:\/(?!\/)|\{path\})/.test(to))
    return new Wrong(`not where a redirect leads: ${quote(to)}`, 'https://…, or a path that begins with one slash');
  if (/\{(host|scheme)\}/.test(rest)) return new Wrong('{host} and {scheme} stand only at the beginning of a URL');
  if (rest.includes('{query}')) return new Wrong('{query} stands after a "?"');
  return /\{(path|host|scheme)\}/.test(query) || /#.*\{/.test(to)
    ? new Wrong('after a "?" stand {query} and parameters only')
    : to;
}

export const redirectSchema = z.strictObject({
  to: field(z.string(), checkTarget).describe(
    'Where to: a URL or a path, with {scheme}, {host} (without port), {path}, {query} and parameters of the path. A target without "?" keeps the query.',
  ),
  status: field(z.union([z.number(), z.string()]), (written) => {
    const status = STATUSES.find((one) => one === Number(written));
    return status ?? new Wrong(`not the status of a redirect: ${quote(written)}`, STATUSES.join(', '));
  })
    .prefault(308)
    .describe('301, 302, 303, 307 or 308.'),
});
