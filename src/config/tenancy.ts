import { z } from 'zod';
import { field, quote, Wrong } from '../lib/fields.ts';

/** Where a request's tenant is read: its host, or a field of its head (lower-case name). */
export type TenantSource = { readonly kind: 'host' } | { readonly kind: 'header'; readonly name: string };

const source = field(z.string(), (text): TenantSource | Wrong => {
  if (text === 'host') return { kind: 'host' };
  const [, name] = /^header:([!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/.exec(text) ?? [];
  if (name !== undefined) return { kind: 'header', name: name.toLowerCase() };
  return new Wrong(`no source of a tenant: ${quote(text)}`, '"host", or "header:" and a name, such as header:X-User-ID');
});

/** How the tenant of a request is known; routes with a `tenant` are for that one alone. */
export const tenancySchema = z.strictObject({
  from: source.describe('"host", or "header:" and a field\'s name: what it holds is the tenant.'),
});
