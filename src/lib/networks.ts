import { BlockList } from 'node:net';
import type { Cidr } from './fields.ts';

/** A set of IP addresses, given as ranges. */
export class Networks {
  private readonly ranges = new BlockList();

  constructor(ranges: readonly Cidr[]) {
    for (const { address, prefix, family } of ranges) this.ranges.addSubnet(address, prefix, family);
  }

  /** @param address an IP address; the zone of an IPv6 one says nothing here */
  has(address: string): boolean {
    if (!address.includes(':')) return this.ranges.check(address, 'ipv4');
    const zone = address.indexOf('%');
    return this.ranges.check(zone < 0 ? address : address.slice(0, zone), 'ipv6');
  }
}
