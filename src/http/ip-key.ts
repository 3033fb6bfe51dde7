import { isIP } from 'node:net';

const GROUPS = 8;
const GROUP_BITS = 16;

/**
 * An address as limits see it. IPv4 as it stands. Of IPv6 the leading bits, written as `2001:db8:0:1::/64`: a client has
 * all the addresses of its network, one would be a new client at each request. An IPv4 address that is written as an
 * IPv6 one counts as itself, and a zone (RFC 4007 §11) counts for nothing.
 * @param prefix bits of an IPv6 address that count, 1 to 128
 */
export function ipKey(address: string, prefix: number): string {
  if (!address.includes(':')) return address;
  const zone = address.indexOf('%');
  const plain = zone < 0 ? address : address.slice(0, zone);
  if (isIP(plain) !== 6) return address;
  const groups = groupsOf(plain);
  if (isMapped(groups)) return ipv4Of(groups);
  return `${compress(groups.map((group, at) => group & maskOf(prefix - at * GROUP_BITS)))}/${prefix}`;
}

/** The eight numbers of an address that is valid. */
function groupsOf(address: string): number[] {
  const gap = address.indexOf('::');
  if (gap < 0) return numbersOf(address);
  const before = numbersOf(address.slice(0, gap));
  const after = numbersOf(address.slice(gap + 2));
  return [...before, ...new Array<number>(GROUPS - before.length - after.length).fill(0), ...after];
}

function numbersOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function ipv4Of(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function maskOf(bits: number): number {
  if (bits >= GROUP_BITS) return 0xffff;
  return bits <= 0 ? 0 : (0xffff << (GROUP_BITS - bits)) & 0xffff;
}

/** The network without its zeros at the end: one spelling for each, that is all that a key needs. */
function compress(groups: readonly number[]): string {
  let count = GROUPS;
  while (count > 0 && groups[count - 1] === 0) count -= 1;
  const text = groups
    .slice(0, count)
    .map((group) => group.toString(16))
    .join(':');
  return count === GROUPS ? text : `${text}::`;
}
