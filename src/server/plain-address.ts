/** IPv4 addresses look like IPv4 on a socket that takes both kinds. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
