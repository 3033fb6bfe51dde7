import { isIP } from 'node:net';
import { z } from 'zod';
import { methodName, TOKEN } from '../../lib/field-syntax.ts';
import { duration, field, flag, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?((?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::\d{1,5})?)$/;
const ORIGINS = '"*", "null", or a scheme and a host as browsers send them: https://app.example.com, https://*.example.com';

const origin = field(z.string(), (text) => {
  if (text === '*' || text === 'null') return text;
  const lower = text.toLowerCase();
  const [, scheme, star, host] = ORIGIN.exec(lower) ?? [];
  if (host === undefined || !URL.canParse(`${scheme}://${host}`))
    return new Wrong(`not an origin: ${quote(text)}`, ORIGINS, meant(lower));
  // Browsers leave out the port that a scheme has anyway: an entry that names it would match nothing.
  const { host: standing, hostname } = new URL(`${scheme}://${host}`);
  if (standing !== host) return new Wrong(`${text} is never sent`, ORIGINS, lower.replace(host, standing));
  if (star !== undefined && (hostname.startsWith('[') || isIP(hostname) !== 0))
    return new Wrong(`nothing is below an address: ${quote(text)}`, ORIGINS, lower.replace(star, ''));
  return lower;
});

/** The origin of a URL, or of a host without its scheme. */
function meant(text: string): string | undefined {
  if (text === 'null') return text;
  const url = text.includes('://') ? text : `https://${text}`;
  const { origin } = URL.canParse(url) ? new URL(url) : { origin: 'null' };
  return origin !== text && ORIGIN.test(origin) ? origin : undefined;
}

const method = z.union([z.literal('*'), methodName], { error: 'must be a method such as GET, or "*"' });
const header = field(z.string(), (text) => (TOKEN.test(text) ? text : new Wrong(`not a field name: ${quote(text)}`)));
const LISTS = ['allowed_origins', 'allowed_methods', 'allowed_headers', 'exposed_headers'] as const;

/** `cors`: which pages of other sites may read replies, and with what they may ask (Fetch standard §3.2). */
export const corsSchema = z
  .strictObject({
    allowed_origins: z
      .array(origin)
      .min(1, { error: 'an empty list allows no page: leave cors out for that' })
      .describe('Sites whose pages may ask: exact, "https://*.example.com" for all below it, "null", or "*".'),
    allowed_methods: z
      .array(method)
      .prefault(['GET', 'HEAD', 'POST'])
      .describe('What they may ask with; GET implies HEAD. "*": any method.'),
    allowed_headers: z.array(header).prefault([]).describe('Fields that they may send. "*": any but Authorization.'),
    exposed_headers: z.array(header).prefault([]).describe('Fields of replies that they may read, beside the usual few.'),
    credentials: flag().prefault(false).describe('Whether cookies and credentials may be used.'),
    max_age: duration(0).optional().describe('How long a browser may remember a preflight. Default: what it likes (5s).'),
    private_network: flag().prefault(false).describe('Whether pages of public sites may ask a gateway in a private network.'),
  })
  .superRefine((cors, context) => {
    if (!cors.credentials) return;
    for (const list of LISTS) {
      const at = (cors[list] as readonly string[]).indexOf('*');
      const message = 'with credentials "*" is no wildcard (Fetch §3.2.5): name them';
      if (at >= 0) context.addIssue({ code: 'custom', path: [list, at], message });
    }
  });

export type CorsConfig = Frozen<z.output<typeof corsSchema>>;
