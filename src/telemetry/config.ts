import { z } from 'zod';
import { choice, field, integer, quote, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { suggest } from '../lib/suggest.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What an access line may say of a request, in the order of the default line. */
export const ACCESS_FIELDS = [
  ...(['time', 'client', 'method', 'scheme', 'host', 'target', 'path', 'query', 'http', 'status', 'bytes'] as const),
  ...(['duration_ms', 'route', 'upstream', 'attempts', 'request_id', 'error', 'problem', 'referer', 'user_agent'] as const),
] as const;
export type AccessField = (typeof ACCESS_FIELDS)[number];
/** Stands for {@link DEFAULT_ACCESS_FIELDS} in a list. */
const DEFAULT = 'default';

/** What is told without being asked: nothing twice, and nothing that says more about the client than its address. */
export const DEFAULT_ACCESS_FIELDS: readonly AccessField[] = ACCESS_FIELDS.filter(
  (name) => !['path', 'query', 'referer', 'user_agent'].includes(name),
);

/** A field of the head of a request or reply, its name in lower case. */
export interface HeaderField {
  readonly of: 'request' | 'response';
  readonly header: string;
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

const output = field(z.string(), (text) => {
  if (text === 'stdout' || text === 'stderr' || (text.includes('/') && !text.endsWith('/'))) return text;
  // Otherwise a slip of the pen would be a file.
  return new Wrong(
    `not an output: ${quote(text)}`,
    'stdout, stderr, or a file with a "/" in its path',
    suggest(text, ['stdout', 'stderr']),
  );
});

const accessField = field(z.string(), (text): AccessField | typeof DEFAULT | HeaderField | Wrong => {
  const [, of, header] = /^(request|response)_header:(.*)$/.exec(text) ?? [];
  if (header !== undefined && TOKEN.test(header)) return { of: of as HeaderField['of'], header: header.toLowerCase() };
  const words = [DEFAULT, ...ACCESS_FIELDS] as const;
  const expected = `one of ${words.join(', ')}, or request_header:NAME or response_header:NAME`;
  return words.find((word) => word === text) ?? new Wrong(`there is no field ${quote(text)}`, expected, suggest(text, words));
});

const redacted = field(z.string(), (text) =>
  TOKEN.test(text) ? text.toLowerCase() : new Wrong(`not a field name: ${quote(text)}`),
);

const samples = field(integer(0), (number) => (number === 0 ? number : new Wrong(`${number} is not in this version`, '0')));

const access = z
  .strictObject({
    format: choice(['json', 'combined']).prefault('json').describe('JSON, or the line that Apache and nginx call combined.'),
    fields: z
      .array(accessField)
      .prefault([])
      .describe('What JSON lines say, in this order. Empty: the default fields; "default" stands for these in a list.'),
    redact: z
      .array(redacted)
      .prefault(['authorization', 'cookie'])
      .describe('Header fields and query parameters whose values are hidden. cookie hides set-cookie too.'),
    sample_requests: samples.prefault(0).describe('Only 0 in this version.'),
  })
  .refine(({ format, fields }) => format === 'json' || fields.length === 0, {
    path: ['fields'],
    error: 'the fields of combined lines are fixed',
  });

export const logSchema = z.strictObject({
  level: choice(LOG_LEVELS).prefault('info').describe('The least important lines to write. Access lines count as info.'),
  format: choice(['json']).prefault('json').describe('JSON, one line each.'),
  output: output.prefault('stdout').describe('stdout, stderr, or a file, which SIGHUP opens anew.'),
  access: access.prefault({}).describe('Lines about requests, of routes that have not said access_log: false.'),
});

export type LogConfig = Frozen<z.output<typeof logSchema>>;
export type AccessConfig = LogConfig['access'];
