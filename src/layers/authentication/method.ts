import type { Exchange } from '../../http/exchange.ts';
import type { Identity, IdentityMethod } from '../../http/identity.ts';

/** A credential that was shown and does not hold. Goes into `WWW-Authenticate` (RFC 6750 §3) as it is: says nothing secret. */
export interface Refused {
  readonly refused: 'invalid_token' | 'invalid_request';
  /** For people, in printable ASCII without quotes and backslashes. */
  readonly description: string;
}

/** Undefined: the request shows no credential of this kind. */
export type Finding = Identity | Refused | undefined;

/** One way to prove who asks. */
export interface Method {
  readonly name: IdentityMethod;
  /**
   * Looks for its credential in the request and verifies it; synchronous where it can be, as for one that it has verified
   * before. What the upstream must not see of it is removed from the request.
   * @throws GatewayError `identity_unavailable` where it cannot be verified now; also by rejecting
   */
  identify(exchange: Exchange): Finding | Promise<Finding>;
}

export function isRefused(finding: Finding): finding is Refused {
  return finding !== undefined && 'refused' in finding;
}
