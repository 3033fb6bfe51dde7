import { isIP } from 'node:net';
import type { Layer } from '../../http/layer.ts';
import { problemReply } from '../../http/problem.ts';
import type { Counter } from '../../lib/cell.ts';
import type { Cidr } from '../../lib/fields.ts';
import { Networks } from '../../lib/networks.ts';

export interface IpAccessConfig {
  /** Who may come in. Empty: everybody. */
  readonly ip_allow: readonly Cidr[];
  /** Who may not, whatever the other list says. */
  readonly ip_deny: readonly Cidr[];
}

/**
 * Refuses clients by their address, which is the one that trusted proxies vouch for where there are such. IPv4 addresses
 * that are written as IPv6 ones are the IPv4 addresses that they are; zones say nothing. The answer does not tell which
 * list it was, nor what is in it.
 * @param refused counts who was refused; made when it is first needed
 */
export function ipAccess({ ip_allow, ip_deny }: IpAccessConfig, refused: () => Counter): Layer {
  const [allowed, denied] = [new Networks(ip_allow), new Networks(ip_deny)];
  const onlyListed = ip_allow.length > 0;

  let cell: Counter | undefined;
  return (next) => (exchange) => {
    const { clientAddress: address } = exchange;
    // Whose address nobody knows is on no list.
    const known = isIP(address) !== 0;
    const denies = known && ip_deny.length > 0 && denied.has(address);
    if (!denies && (!onlyListed || (known && allowed.has(address)))) return next(exchange);
    cell ??= refused();
    cell.value += 1;
    const title = 'Access is denied to your address';
    return problemReply({ status: 403, code: 'address_denied', title }, exchange.requestId);
  };
}
