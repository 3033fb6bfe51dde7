import type { Source } from '../../src/http/body.ts';
import { Exchange, type Peer } from '../../src/http/exchange.ts';
import { Headers } from '../../src/http/headers.ts';

export interface Asking {
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
  readonly authority?: string;
  readonly target?: string;
  readonly headers?: Headers;
  readonly body?: Source;
  readonly peer?: Partial<Peer>;
  readonly minor?: number;
  readonly upgrade?: string;
  readonly startedAt?: number;
}

/** A request as an exchange, with what a test does not say filled in. */
export function exchangeOf(asking: Asking = {}): Exchange {
  const { method = 'GET', scheme = 'http', authority = 'example.test', target = '/', headers = new Headers() } = asking;
  const peer = { address: '192.0.2.7', port: 4711, trusted: false, ...asking.peer };
  const { minor = 1, upgrade, startedAt = 0 } = asking;
  const exchange = new Exchange(method, scheme, authority, target, headers, peer, minor, upgrade, startedAt);
  if (asking.body !== undefined) exchange.body = asking.body;
  return exchange;
}
