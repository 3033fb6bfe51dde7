import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { normalizePath } from '../../http/normalize-path.ts';
import { parseTemplate, TEMPLATE_NAMES, templateParams } from '../../http/template.ts';
import { fieldName } from '../../lib/field-syntax.ts';
import { field, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

/** What the gateway says of itself and of who asked. */
const FORWARDING = [
  ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
  ...['x-real-ip', 'x-request-id', 'expect', 'http2-settings', 'proxy-connection', 'max-forwards'],
];
const OF_REQUESTS = new Map([['host', 'every request has one Host: it can be set, as transform.host']]);
/** Logs and error bodies name the request by it: a reply that had another could not be found in them. */
const ITS_ID = 'the gateway writes X-Request-ID itself: a field of another name may have "{request_id}"';
const OF_REPLIES = new Map([['x-request-id', ITS_ID]]);

const PATH = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*$/;
const QUERY = /^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*$/;

const value = field(z.string(), (text) => {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') return new Wrong(pieces, TEMPLATE_NAMES);
  const fixed = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');
  // A text of the configuration is UTF-8 on the wire; controls have no place there.
  const isSafe = !/[^\t\x20-\x7e\u0080-\u{10ffff}]/u.test(fixed) && fixed.isWellFormed() && text.trim() === text;
  return isSafe ? text : new Wrong(`not a field value: ${quote(text)}`);
});

const rewrite = field(z.string(), (text) => {
  const pieces = parseTemplate(text);
  if (typeof pieces === 'string') return new Wrong(pieces, TEMPLATE_NAMES);
  // With something in the place of each name, so that what comes out can be judged as a whole.
  const sample = pieces.map((piece) => ('text' in piece ? piece.text : piece.from === 'path' ? '/x' : 'x')).join('');
  const mark = sample.indexOf('?');
  const [path, query] = mark < 0 ? [sample, ''] : [sample.slice(0, mark), sample.slice(mark + 1)];
  const broken = pieces.some((piece) => 'text' in piece && /%(?![0-9A-Fa-f]{2})/.test(piece.text));
  if (broken || !PATH.test(path) || !QUERY.test(query))
    return new Wrong(`not a path: ${quote(text)}`, 'one such as /v2/users/{id}, with a query or without');
  return normalizePath(path, 'off') === undefined ? new Wrong(`${ONE_SPELLING}: ${quote(text)}`) : text;
});

const ONE_SPELLING = 'a path has one spelling, without "//", dots and what need not be encoded';

const prefix = field(z.string(), (text) => {
  if (!PATH.test(text) || text.length === 1 || text.endsWith('/'))
    return new Wrong(`not a prefix of paths: ${quote(text)}`, 'one such as /api, without a slash at its end');
  const standing = normalizePath(text, 'safe');
  return standing === text ? text : new Wrong(`${ONE_SPELLING}: ${quote(text)}`, undefined, standing);
});

const HOST = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[([0-9a-f:.]+)\])(?::([1-9]\d{0,4}))?$/i;

const host = field(z.string(), (text) => {
  const parts = HOST.exec(text);
  const [, address = '::', port = '1'] = parts ?? [];
  return parts !== null && !text.includes('..') && isIPv6(address) && Number(port) < 65_536
    ? text.toLowerCase()
    : new Wrong(`not a host: ${quote(text)}`, 'a name or address, with a port or without');
});

/** @param settable of the names with reasons, those that may be set all the same */
function changes(taken: readonly string[], reasons: ReadonlyMap<string, string>, settable: readonly string[] = []) {
  const refused = [...taken, ...reasons.keys()];
  const name = fieldName(refused, reasons);
  const nameToSet = fieldName(
    refused.filter((one) => !settable.includes(one)),
    reasons,
  );
  const set = z.record(nameToSet, value).refine((fields) => distinct(Object.keys(fields)), {
    error: 'two fields have one name: case does not count',
  });
  return z.strictObject({
    add: z.record(name, value).prefault({}).describe('Fields that are added, beside others of the name.'),
    set: set.prefault({}).describe('Fields that take the place of all others of the name.'),
    remove: z.array(name).prefault([]).describe('Fields that are taken away: first, whatever is set or added then.'),
  });
}

function distinct(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}

const written = z.strictObject({
  strip_prefix: prefix.optional().describe('Taken from the front of the path, where it ends a segment.'),
  rewrite: rewrite.optional().describe('The path that takes the place of the whole one. Keeps the query unless it has one.'),
  host: host.optional().describe('The Host that the upstream is asked for.'),
  request_headers: changes(FORWARDING, OF_REQUESTS, ['host'])
    .prefault({})
    .describe('Changes of the fields that the upstream gets.'),
  response_headers: changes(['date', 'proxy-connection'], OF_REPLIES)
    .prefault({})
    .describe("Changes of every reply's fields, errors too."),
});

type Written = z.output<typeof written>;

/**
 * `Host` among the fields to set means `host`, and becomes it: beside it the upstream learns what the client asked for. It is
 * no template, or a client could choose which of an upstream's sites it reaches.
 */
function hostSet(config: Written, context: z.RefinementCtx): Written {
  const { set } = config.request_headers;
  const name = Object.keys(set).find((one) => one.toLowerCase() === 'host');
  if (name === undefined) return config;
  const path = ['request_headers', 'set', name];
  const read = host.safeParse(set[name]);
  if (config.host !== undefined) context.addIssue({ code: 'custom', path, message: 'host says it already: keep one of the two' });
  for (const { message } of read.error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
  const others = Object.fromEntries(Object.entries(set).filter(([one]) => one !== name));
  return { ...config, host: read.data, request_headers: { ...config.request_headers, set: others } };
}

/** `transform`: texts in which names in braces are filled in. */
export const transformSchema = written
  .refine(({ strip_prefix, rewrite }) => strip_prefix === undefined || rewrite === undefined, {
    path: ['strip_prefix'],
    error: 'rewrite takes the place of the whole path: nothing is left to strip',
  })
  .transform(hostSet);

export type TransformConfig = Frozen<z.output<typeof transformSchema>>;
export type HeaderChanges = TransformConfig['request_headers'];

/** The parameters of the path that a transform names: a route must have them. */
export function transformParams({ rewrite = '', request_headers, response_headers }: TransformConfig): string[] {
  const texts = [request_headers, response_headers].flatMap(({ add, set }) => [...Object.values(add), ...Object.values(set)]);
  return [...new Set([rewrite, ...texts].flatMap(templateParams))];
}
