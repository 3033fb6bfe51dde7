/** What a connection says that ended too early. */
export const CLOSED = 'connection closed before the answer was complete';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'no answer from the name server',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is not signed by anyone known',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is not signed by anyone known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not signed by anyone known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not signed by anyone known',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  UND_ERR_SOCKET: CLOSED,
  UND_ERR_HEADERS_OVERFLOW: 'the head of the answer is too large',
};

/** Why a connection or an answer did not come about, in a few words for an operator. */
export function reasonOf({ name, code = '', message }: Error & { readonly code?: string }): string {
  // Its parser's errors have many codes, or none.
  if (name === 'HTTPParserError') return 'the answer is not valid HTTP';
  return REASONS[code] ?? (message === '' ? code : message);
}
