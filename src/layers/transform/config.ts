import { z } from 'zod';
import { parseTemplate, TEMPLATE_NAMES, templateParams } from '../../http/template.ts';
import { fieldName } from '../../lib/field-syntax.ts';
import { field, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

/** What the gateway says of itself and of who asked. */
const FORWARDING = [
  ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
  ...['x-real-ip', 'x-request-id', 'expect', 'http2-settings', 'proxy-connection', 'max-forwards'],
];
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*$/;

const value = field(z.string(), (text) => readTemplate(text, 'field'));

function readTemplate(text: string, what: 'field' | 'path'): string | Wrong {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') return new Wrong(pieces, TEMPLATE_NAMES);
  const fixed = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');
  if (what === 'field') {
    // A text of the configuration is UTF-8 on the wire; controls have no place there.
    const isSafe = !/[^\t\x20-\x7e\u0080-\u{10ffff}]/u.test(fixed) && text.trim() === text;
    return isSafe ? text : new Wrong(`not a field value: ${quote(text)}`);
  }
  const [path = '', query = ''] = splitOnce(fixed);
  if (!text.startsWith('/') || !PATH.test(path) || !/^[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*$/.test(query))
    return new Wrong(`not a path: ${quote(text)}`, 'one such as /v2/users/{id}, with a query or without');
  return /\/\.\.?(\/|$)|\/\//.test(path) ? new Wrong(`a path has one spelling, without "//" and dots: ${quote(text)}`) : text;
}

function splitOnce(text: string): string[] {
  const mark = text.indexOf('?');
  return mark < 0 ? [text] : [text.slice(0, mark), text.slice(mark + 1)];
}

const prefix = field(z.string(), (text) =>
  PATH.test(text) && text.length > 1 && !text.endsWith('/') && !text.includes('//')
    ? text
    : new Wrong(`not a prefix of paths: ${quote(text)}`, 'one such as /api, without a slash at its end'),
);

const rewrite = field(z.string(), (text) => readTemplate(text, 'path'));

const host = field(z.string(), (text) =>
  /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(text)
    ? text.toLowerCase()
    : new Wrong(`not a host: ${quote(text)}`, 'a name or address, with a port or without'),
);

function changes(taken: readonly string[]) {
  const name = fieldName(taken);
  return z.strictObject({
    add: z.record(name, value).prefault({}).describe('Fields that are added, beside others of the name.'),
    set: z.record(name, value).prefault({}).describe('Fields that take the place of all others of the name.'),
    remove: z.array(name).prefault([]).describe('Fields that are taken away: first, whatever is set or added then.'),
  });
}

const written = z.strictObject({
  strip_prefix: prefix.optional().describe('Taken from the front of the path, where it ends a segment.'),
  rewrite: rewrite.optional().describe('The path that takes the place of the whole one. Keeps the query unless it has one.'),
  host: host.optional().describe('The Host that the upstream is asked for.'),
  request_headers: changes([...FORWARDING, 'host'])
    .prefault({})
    .describe('Changes of the fields that the upstream gets.'),
  response_headers: changes(['date']).prefault({}).describe("Changes of every reply's fields, errors too."),
});

/** `transform`: texts in which names in braces are filled in. */
export const transformSchema = written.refine(
  ({ strip_prefix, rewrite }) => strip_prefix === undefined || rewrite === undefined,
  {
    path: ['strip_prefix'],
    error: 'rewrite takes the place of the whole path: nothing is left to strip',
  },
);

export type TransformConfig = Frozen<z.output<typeof transformSchema>>;
export type HeaderChanges = TransformConfig['request_headers'];

/** The parameters of the path that a transform names: a route must have them. */
export function transformParams({ rewrite = '', request_headers, response_headers }: TransformConfig): string[] {
  const texts = [request_headers, response_headers].flatMap(({ add, set }) => [...Object.values(add), ...Object.values(set)]);
  return [...new Set([rewrite, ...texts].flatMap(templateParams))];
}
