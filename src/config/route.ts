import { z } from 'zod';
import { duration, field, flag, integer, name, quote, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';
import { parsePattern } from './pattern.ts';

/** RFC 9110 §5.6.2: method and field names. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110 §5.5, as far as one-byte characters go. */
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** The gateway frames its replies itself. */
const FRAMING = ['connection', 'content-length', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];
/** They end with the head, or must have nothing after it (RFC 9110 §6.4.1, §15.3.6). */
const WITHOUT_BODY = [204, 205, 304];

const path = field(z.string(), (text) => {
  const pattern = parsePattern(text);
  return typeof pattern === 'string' ? new Wrong(pattern) : text;
});

const method = field(z.string(), (text) => {
  if (!TOKEN.test(text)) return new Wrong(`not a method: ${quote(text)}`);
  if (text === 'CONNECT') return new Wrong('CONNECT asks for a forward proxy, which this is not');
  return text === text.toUpperCase()
    ? text
    : new Wrong(`methods are case-sensitive: ${quote(text)}`, undefined, text.toUpperCase());
});

const methods = z
  .array(method)
  .min(1, { error: 'an empty list lets no method through: leave it out for every method' })
  .refine((list) => new Set(list).size === list.length, { error: 'a method stands there twice' });

const fieldName = field(z.string(), (text) => {
  if (!TOKEN.test(text)) return new Wrong(`not a field name: ${quote(text)}`);
  return FRAMING.includes(text.toLowerCase()) ? new Wrong(`the gateway writes ${text} itself`) : text;
});
const fieldValue = field(z.string(), (text) =>
  UNSAFE_VALUE.test(text) || text.trim() !== text ? new Wrong(`not a field value: ${quote(text)}`) : text,
);

const respond = z
  .strictObject({
    status: integer(200, 599).prefault(200).describe('The status of the reply.'),
    headers: z.record(fieldName, fieldValue).prefault({}).describe('Its fields.'),
    body: z.string().prefault('').describe('Its body, as UTF-8.'),
  })
  .refine(({ status, body }) => body === '' || !WITHOUT_BODY.includes(status), {
    path: ['body'],
    error: 'this status has no body',
  });

const retries = field(integer(0), (tries) => (tries === 0 ? 0 : new Wrong('retries are not in this version', '0')));

export const defaultsSchema = z.strictObject({
  timeout: duration().prefault('60s').describe("A route's timeout unless it says otherwise."),
  retries: retries.prefault(0).describe('Only 0 in this version.'),
});

const shape = {
  id: name().describe('Its name in metrics and logs. No two routes share one.'),
  path: path.describe('Exact, or with "*" (one segment), "**" (any number, at the end), ":id" or "{id}" (one segment by name).'),
  methods: methods.optional().describe('Which methods it takes; GET implies HEAD. Default: every method.'),
  backend: z.string().optional().describe('The backend that answers. Exactly one of backend and respond.'),
  respond: respond.optional().describe('A reply by the gateway itself.'),
  timeout: duration().optional().describe('Of the whole exchange. Default: defaults.timeout.'),
  retries: retries.optional().describe('Only 0 in this version.'),
  preserve_host: flag().prefault(true).describe("Whether the client's Host goes to the upstream; else the upstream's address."),
};

export const routeSchema = z
  .strictObject(shape)
  .refine((route) => (route.backend === undefined) !== (route.respond === undefined), {
    error: 'a route has exactly one of backend and respond',
    // Also beside other problems of the route, so that one look shows them all.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  });

type Respond = z.output<typeof respond>;
type Common = Pick<z.output<typeof routeSchema>, 'id' | 'path' | 'preserve_host'> & {
  timeout: number;
  /** Absent: every method. */
  methods?: string[] | undefined;
};

/** A path and who answers it: a backend, by a name that exists, or the gateway itself. `timeout` is milliseconds. */
export type RouteConfig = Frozen<Common & ({ backend: string; respond?: undefined } | { backend?: undefined; respond: Respond })>;

/** Fills in what the defaults give. That exactly one of backend and respond is there has been checked. */
export function finishRoute(route: z.output<typeof routeSchema>, defaults: z.output<typeof defaultsSchema>): RouteConfig {
  const { retries: _none, timeout, ...rest } = route;
  return { ...rest, timeout: timeout ?? defaults.timeout } as RouteConfig;
}
