import { networkInterfaces } from 'node:os';
import { type Address, isLoopback, isWildcard } from './address.ts';

/**
 * Whether a connection to the one would reach the other, as far as it can be known without asking a name server.
 * All loopback addresses are taken for one: refusing 127.0.0.2 too is the smaller harm.
 */
export function leadsTo(upstream: Address, listener: Address): boolean {
  if (upstream.port !== listener.port) return false;
  if (upstream.host === listener.host) return true;
  const here = isLoopback(upstream.host) || isWildcard(upstream.host);
  if (!isWildcard(listener.host)) return here && isLoopback(listener.host);
  return here || Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === upstream.host));
}
