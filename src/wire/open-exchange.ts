import { GatewayError } from '../http/errors.ts';
import { Exchange, type Peer } from '../http/exchange.ts';
import type { RequestHeadParser } from './request-head.ts';

/** The exchange of a head that was just parsed. An upgrade is one only from 1.1 clients and without a body. */
export function openExchange(parser: RequestHeadParser, peer: Peer, secure: boolean, now: number): Exchange {
  const { framing, minor } = parser;
  const upgrade = hasBody(parser) || minor === 0 ? undefined : upgradeOf(framing.upgrade);
  const scheme = secure ? 'https' : 'http';
  return new Exchange(parser.method, scheme, parser.authority, parser.target.value, parser.headers, peer, minor, upgrade, now);
}

export function hasBody({ framing }: RequestHeadParser): boolean {
  return framing.chunked || framing.contentLength > 0;
}

/** HTTP/2 in the clear is never asked for on behalf of a client: it would leave all that is decided here behind. */
function upgradeOf(protocols: string | undefined): string | undefined {
  return protocols === undefined || /(^|[\s,])(h2c?|tls)([/,\s]|$)/.test(protocols) ? undefined : protocols;
}

/** What is well-formed but not for us (RFC 9110 §10.1.1, §7.4). Only 1.1 clients expect anything. */
export function refusal({ framing, minor, target }: RequestHeadParser, secure: boolean): GatewayError | undefined {
  if (minor === 1 && framing.expect !== undefined && framing.expect.toLowerCase() !== '100-continue') {
    return new GatewayError('expectation_failed');
  }
  return target.scheme === 'https' && !secure ? new GatewayError('misdirected_request') : undefined;
}
