import { GatewayError } from '../http/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { Headers } from '../http/headers.ts';
import { Reply } from '../http/reply.ts';

/** More hops than there are: RFC 9110 §7.6.2 lets us forward our own maximum instead. */
const MAX_HOPS = 1_000_000;
const METHODS = 'GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS, TRACE';
/** A trace shows what arrived, but not what proves who someone is (RFC 9110 §9.3.8). */
const SECRETS = ['authorization', 'proxy-authorization', 'cookie', 'x-api-key'];

/**
 * What the gateway answers as the last hop of a request that says how far it may go (RFC 9110 §7.6.2), and what asks
 * about the server as a whole. Undefined: the request goes on, with one hop less.
 */
export function ownAnswer(exchange: Exchange): Reply | undefined {
  const { method, headers } = exchange;
  if (method !== 'OPTIONS' && method !== 'TRACE') return undefined;
  const hops = headers.get('max-forwards');
  if (method === 'TRACE' && exchange.body.length !== 0) throw new GatewayError('bad_request', 'a TRACE request has no body');
  if (hops !== undefined) {
    if (!/^[0-9]+$/.test(hops)) throw new GatewayError('bad_request', 'a Max-Forwards that is not a number');
    if (Number(hops) === 0) return method === 'TRACE' ? trace(exchange) : options();
    headers.set('Max-Forwards', String(Math.min(Number(hops), MAX_HOPS) - 1));
  }
  return exchange.target === '*' ? options() : undefined;
}

function options(): Reply {
  return new Reply(200, Headers.from([['Allow', METHODS]]));
}

function trace({ target, headers, minor }: Exchange): Reply {
  for (const secret of SECRETS) headers.remove(secret);
  const seen = `TRACE ${target} HTTP/1.${minor}\r\n${headers.lines()}\r\n`;
  return new Reply(200, Headers.from([['Content-Type', 'message/http']]), seen);
}
