import { hash } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import { type Keys, keyReader } from './exchange-key.ts';

/** Characters of a key that is kept as it is. */
export const LONGEST_KEY = 128;

/**
 * A function that tells by what an exchange is counted: by its key, or by its address when it has none, so that leaving a
 * field out makes nobody unlimited. A key of more than {@link LONGEST_KEY} characters is replaced by its SHA-256: whoever
 * counts keeps keys, and the length of a field is the client's choice. No other key looks like one that was replaced.
 * @param ipv6Prefix bits of an IPv6 address that count as one client
 */
export function countingKey(keys: Keys, ipv6Prefix: number): (exchange: Exchange) => string {
  const read = keyReader(keys, { ipv6Prefix });
  const address = keyReader([[{ from: 'ip' }]], { ipv6Prefix });
  return (exchange) => {
    const key = read(exchange) ?? address(exchange) ?? 'ip=';
    return key.length <= LONGEST_KEY ? key : `sha256=${hash('sha256', key, 'base64url')}`;
  };
}

/** Whether limits of one name count as one on all routes: their key says so. */
export function isGlobal(keys: Keys): boolean {
  return keys.some((parts) => parts.some(({ from }) => from === 'global'));
}
