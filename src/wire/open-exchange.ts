import { GatewayError } from '../http/errors.ts';
import { Exchange, type Peer } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import type { RequestHeadParser } from './request-head.ts';

/** The exchange of a head that was just parsed. An upgrade is one only from 1.1 clients and without a body. */
export function openExchange(parser: RequestHeadParser, peer: Peer, secure: boolean, now: number): Exchange {
  const { framing, minor } = parser;
  const upgrade = hasBody(parser) || minor === 0 ? undefined : upgradeOf(framing.upgrade);
  const scheme = secure ? 'https' : 'http';
  return new Exchange(parser.method, scheme, parser.authority, parser.target.value, parser.headers, peer, minor, upgrade, now);
}

/** What stands for a request whose head could not be read, so that it is counted, logged and answered like others. */
export function unreadExchange(peer: Peer, secure: boolean, now: number): Exchange {
  return new Exchange('', secure ? 'https' : 'http', '', '', new Headers(), peer, 1, undefined, now);
}

function hasBody({ framing }: RequestHeadParser): boolean {
  return framing.chunked || framing.contentLength > 0;
}

/** Undefined: the request has no body. */
export function bodyFraming({ framing }: RequestHeadParser): 'chunked' | number | undefined {
  if (framing.chunked) return 'chunked';
  return framing.contentLength > 0 ? framing.contentLength : undefined;
}

/** The client may hold its body back until it is asked for it. 1.0 has no such thing. */
export function expectsContinue({ framing, minor }: RequestHeadParser): boolean {
  return minor === 1 && framing.expect !== undefined && expectations(framing.expect).length > 0;
}

/** A list, in which duplicates and empty elements say nothing more. */
function expectations(field: string): string[] {
  return field
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** HTTP/2 in the clear is never asked for on behalf of a client: it would leave all that is decided here behind. */
function upgradeOf(protocols: string | undefined): string | undefined {
  if (protocols === undefined) return undefined;
  const kept = protocols
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && !/^(h2c?|tls|http)(\/|$)/.test(one));
  return kept.length === 0 ? undefined : kept.join(', ');
}

/** What is well-formed but not for us (RFC 9110 §10.1.1, §7.4). Only 1.1 clients expect anything. */
export function refusal({ framing, minor, target }: RequestHeadParser, secure: boolean): GatewayError | undefined {
  if (minor === 1 && framing.expect !== undefined && expectations(framing.expect).some((one) => one !== '100-continue')) {
    return new GatewayError('expectation_failed');
  }
  return target.scheme === 'https' && !secure ? new GatewayError('misdirected_request') : undefined;
}
