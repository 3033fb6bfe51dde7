import type { Identity } from '../../../http/identity.ts';
import { deepFreeze } from '../../../lib/freeze.ts';
import { isTexts, textsOf } from './claims.ts';
import type { JsonObject } from './json-object.ts';

/** Whom the claims of a verified token speak of. The claims are frozen in place. */
export function tokenIdentity(claims: JsonObject): Identity {
  const own = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined);
  const groups = own('groups');
  // A text has several scopes with spaces between them (RFC 8693 §4.2); some issuers write a list, or other names.
  const scopes = ['scope', 'scp', 'scopes'].flatMap((name) => textsOf(own(name)).flatMap((text) => text.split(' ')));
  return deepFreeze({
    method: 'jwt' as const,
    subject: own('sub') as string | undefined,
    consumer: undefined,
    groups: isTexts(groups) ? [...groups] : [],
    scopes: [...new Set(scopes)].filter((scope) => scope !== ''),
    claims,
  });
}
