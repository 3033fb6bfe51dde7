import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/**
 * A lookup that keeps addresses to itself. A configuration that names the gateway's own admin address is refused, but who
 * a name leads to is known only when it is resolved.
 * @param refused whether an IP address may not be connected to
 */
export function guardedLookup(lookup: LookupFunction, refused: (address: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host, options, (error, found, family) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const list: readonly LookupAddress[] = typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found;
      const kept = list.filter(({ address }) => !refused(address));
      const [first] = kept;
      if (first === undefined) callback(Object.assign(new Error(`${host} leads to the admin address`), { code: 'EACCES' }), '');
      else if (typeof found === 'string') callback(null, first.address, first.family);
      else callback(null, kept);
    });
  };
}
