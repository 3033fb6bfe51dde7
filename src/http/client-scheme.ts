import type { Exchange } from './exchange.ts';

/**
 * How the client speaks: as a trusted proxy that ends TLS in front of us says in `X-Forwarded-Proto`, else as it speaks to us.
 * A list is what several proxies have said, and nobody can tell which of them is to be believed: then, too, as it speaks to us.
 */
export function clientScheme({ scheme, peer, headers }: Exchange): 'http' | 'https' {
  if (!peer.trusted) return scheme;
  const told = headers.get('x-forwarded-proto')?.toLowerCase();
  return told === 'https' || told === 'http' ? told : scheme;
}
