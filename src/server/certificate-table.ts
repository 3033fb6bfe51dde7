import { isIP } from 'node:net';
import type { ServerConfig } from './config.ts';
import { type Leaf, readLeaf } from './leaf.ts';

type Certificates = ServerConfig['tls']['certificates'];

/** What is shown for one name: certificates of different kinds of keys, of which OpenSSL picks what a client can read. */
export interface Shown {
  readonly cert: string[];
  readonly key: string[];
}

/** Which certificate is for whom, by the names inside (RFC 9525 §6.3). */
export class CertificateTable {
  /** In the order of the configuration. */
  readonly leaves: readonly Leaf[];
  /** For names that nobody has, and for clients that ask for none: the first one. */
  readonly fallback: Shown;
  private readonly byName = new Map<string, Shown>();

  /** @param certificates at least one. @throws Error when one is none */
  constructor(certificates: Certificates) {
    this.leaves = certificates.map(({ cert }) => readLeaf(cert));
    const sets = new Map<string, Shown>();
    const shown = (at: readonly number[]): Shown => {
      const key = at.join(' ');
      const pairs = at.map((one) => certificates[one] as Certificates[number]);
      const set = sets.get(key) ?? { cert: pairs.map(({ cert }) => cert), key: pairs.map((pair) => pair.key) };
      sets.set(key, set);
      return set;
    };
    for (const [name, at] of placesByName(this.leaves)) this.byName.set(name, shown(at));
    this.fallback = this.byName.get(this.leaves[0]?.names[0] ?? '') ?? shown([0]);
  }

  /** @param name as a client asks for it: a host, by its own name or a wildcard of one label */
  find(name: string): Shown {
    const host = name.toLowerCase().replace(/\.$/, '');
    const dot = host.indexOf('.');
    return this.byName.get(host) ?? (dot < 0 ? undefined : this.byName.get(`*${host.slice(dot)}`)) ?? this.fallback;
  }

  /** For clients that name no host: those of the addresses that certificates are for. */
  *byAddress(): Generator<readonly [string, Shown]> {
    for (const entry of this.byName) if (isIP(entry[0]) !== 0) yield entry;
  }
}

/** Of two with one kind of key the first counts, as it does for names that nobody has. */
function placesByName(leaves: readonly Leaf[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, { names, kind }] of leaves.entries()) {
    for (const name of names) {
      const before = places.get(name) ?? [];
      if (!before.some((other) => leaves[other]?.kind === kind)) places.set(name, [...before, at]);
    }
  }
  return places;
}
