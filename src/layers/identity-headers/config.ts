import { z } from 'zod';
import { parseTemplate, TEMPLATE_NAMES, templateParams } from '../../http/template.ts';
import { field, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The gateway frames and forwards by itself; the rest is the client's own business with the upstream. */
const TAKEN =
  /^(?:authorization|connection|content-.*|cookie|expect|forwarded|host|http2-settings|keep-alive|max-forwards|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|x-request-id)$/;
/** Each hyphen doubles the spellings that could pass for the name. */
const MOST_HYPHENS = 6;

const fieldName = field(z.string(), (text) => {
  if (!TOKEN.test(text) || text.length > 128) return new Wrong(`not a field name: ${quote(text)}`);
  if (TAKEN.test(text.toLowerCase().replaceAll('_', '-'))) return new Wrong(`${text} has another meaning`, 'a field of your own');
  return text.split(/[-_]/).length - 1 > MOST_HYPHENS ? new Wrong(`${text} has more than ${MOST_HYPHENS} hyphens`) : text;
});

const value = field(z.string(), (text) => {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') return new Wrong(pieces, TEMPLATE_NAMES);
  const said = pieces.find((piece) => 'from' in piece && ['header', 'query', 'cookie'].includes(piece.from));
  if (said !== undefined) return new Wrong('what a client writes says nothing about who it is', 'transform for such fields');
  return pieces.length === 0 ? new Wrong('an empty text sets nothing') : text;
});

/** `identity_headers`: fields for the upstream, by name, with texts in which names in braces are filled in. */
export const identityHeadersSchema = z
  .record(fieldName, value)
  .refine((fields) => new Set(Object.keys(fields).map(spelling)).size === Object.keys(fields).length, {
    error: 'two fields have one name: case does not count, and "_" counts as "-"',
  });

function spelling(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

export type IdentityHeadersConfig = Frozen<z.output<typeof identityHeadersSchema>>;

/** The parameters of the path that the fields name: a route must have them. */
export function identityHeaderParams(config: IdentityHeadersConfig): string[] {
  return [...new Set(Object.values(config).flatMap(templateParams))];
}
