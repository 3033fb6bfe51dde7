import { z } from 'zod';
import { methodName, TOKEN } from '../../lib/field-syntax.ts';
import { duration, field, flag, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';
import { originField } from '../../lib/origin-field.ts';

const origin = originField(['*', 'null']);
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
