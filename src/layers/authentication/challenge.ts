import type { IdentityMethod } from '../../http/identity.ts';
import type { Refused } from './method.ts';

/** What may stand in quotes as it is (RFC 6750 §3). */
const UNQUOTABLE = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;

/**
 * How a client is told what to show, as one value of `WWW-Authenticate` (RFC 9110 §11.6.1). Keys and certificates have no
 * scheme in the register; a 401 must have a challenge all the same, and one of an unknown scheme is passed over by whoever
 * does not know it.
 * @param realm printable ASCII without quotes and backslashes
 * @param refused what was wrong with a token that was shown; nothing when none was (RFC 6750 §3.1)
 */
export function challenge(method: IdentityMethod, realm: string, refused?: Refused): string {
  switch (method) {
    case 'jwt': {
      const plain = `Bearer realm="${realm}"`;
      if (refused === undefined) return plain;
      return `${plain}, error="${refused.refused}", error_description="${refused.description.replaceAll(UNQUOTABLE, '')}"`;
    }
    case 'basic':
      return `Basic realm="${realm}", charset="UTF-8"`;
    case 'api_key':
      return `ApiKey realm="${realm}"`;
    case 'certificate':
      return `Certificate realm="${realm}"`;
  }
}

/** The challenge with a 403 (RFC 6750 §3.1): a token with these scopes may be let in. @param scopes may be empty */
export function scopeChallenge(realm: string, scopes: readonly string[]): string {
  const plain = `Bearer realm="${realm}", error="insufficient_scope"`;
  return scopes.length === 0 ? plain : `${plain}, scope="${scopes.join(' ')}"`;
}
