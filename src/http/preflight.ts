import type { Exchange } from './exchange.ts';

/**
 * The method that a CORS preflight asks about (Fetch §3.2.2: OPTIONS with an Origin and `Access-Control-Request-Method`);
 * undefined for any other request.
 */
export function preflightMethod({ method, headers }: Exchange): string | undefined {
  if (method !== 'OPTIONS' || !headers.has('origin')) return undefined;
  const asked = headers.get('access-control-request-method');
  return asked === undefined || asked === '' ? undefined : asked;
}
