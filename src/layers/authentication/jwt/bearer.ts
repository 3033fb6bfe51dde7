import type { Headers } from '../../../http/headers.ts';
import type { Refused } from '../method.ts';

const SEVERAL: Refused = Object.freeze({ refused: 'invalid_request', description: 'the request shows more than one credential' });
const EMPTY: Refused = Object.freeze({ refused: 'invalid_request', description: 'the request shows no token after Bearer' });

/**
 * The token of a request, whatever it may be (RFC 6750 §2.1). Undefined: there is none, or `Authorization` is of another
 * scheme. A field of another name may hold the token alone.
 * @param field in lower case
 */
export function bearerToken(headers: Headers, field: string): string | Refused | undefined {
  const value = headers.get(field);
  if (value === undefined) return undefined;
  // No token has a comma in it, so this is all that a request with one pays.
  if (value.includes(',') && headers.all(field).length > 1) return SEVERAL;
  const token = afterBearer(value);
  if (token === '') return EMPTY;
  if (token !== undefined || field === 'authorization' || value === '') return token;
  return value;
}

/** Undefined: another scheme. Case does not count (RFC 9110 §11.1). */
function afterBearer(value: string): string | undefined {
  if (value.slice(0, 6).toLowerCase() !== 'bearer' || (value.length > 6 && value[6] !== ' ')) return undefined;
  let at = 6;
  while (value[at] === ' ') at++;
  return value.slice(at);
}
