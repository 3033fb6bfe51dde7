const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;

/**
 * The user that an `Authorization` field of basic authentication names (RFC 7617 §2), as UTF-8. Nothing is verified: it is
 * what the client says.
 * @returns undefined for any other field, and for one that is malformed or names nobody
 */
export function basicUser(field: string | undefined): string | undefined {
  const credentials = field === undefined ? undefined : BASIC.exec(field)?.[1];
  if (credentials === undefined) return undefined;
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  return colon > 0 ? text.slice(0, colon) : undefined;
}
