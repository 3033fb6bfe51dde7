import { ADDRCONFIG, type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { ResolvedName } from './resolved-name.ts';

export interface NameCacheOptions {
  readonly clock: Clock;
  /** How often the names in use are resolved anew, give or take a tenth, in ms. */
  readonly interval?: number;
  /** The system's resolver unless given: it knows the hosts file and search domains, and what node asks of it by default. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** A name cannot be resolved: told once, and again only after it could be. */
  readonly onProblem?: (host: string, problem: string) => void;
}

type Callback = Parameters<LookupFunction>[2];

/**
 * Names of upstreams and their addresses. A name in use, which is watched or was looked up since it was resolved last, is
 * resolved anew in the background; others are forgotten. While the resolver fails, or knows no address, the last good
 * answer stands, for as long as the name is in use.
 */
export class NameCache {
  private readonly clock: Clock;
  private readonly interval: number;
  private readonly resolve: (host: string) => Promise<readonly LookupAddress[]>;
  private readonly random: () => number;
  private readonly onProblem: ((host: string, problem: string) => void) | undefined;
  private readonly names = new Map<string, ResolvedName>();
  private closed = false;

  constructor({ clock, interval = 5000, resolve = system, random = Math.random, onProblem }: NameCacheOptions) {
    this.clock = clock;
    this.interval = interval;
    this.resolve = resolve;
    this.random = random;
    this.onProblem = onProblem;
  }

  /**
   * What `net.connect`, `tls.connect` and undici's connector take as `lookup`. The first call for a name waits for its
   * first answer, calls at the same time for the same one; each call begins with another of several addresses.
   */
  readonly lookup: LookupFunction = (host, options, callback) => {
    const family = isIP(host);
    if (family !== 0) return answer([{ address: host, family }], host, options, callback);
    const name = this.name(host);
    name.used = true;
    const tell = () => answer(name.next(familyOf(options)), host, options, callback, name.error);
    if (name.known) tell();
    else void this.refresh(host, name).then(tell);
  };

  /**
   * Keeps a name in use, and resolves it now if it is not known. Addresses and their literals cost nothing.
   * @param changed called when the set of its addresses has become another one; not for the first answer
   * @returns a function that ends it
   */
  watch(host: string, changed: (addresses: readonly string[]) => void): () => void {
    if (isIP(host) !== 0 || this.closed) return () => {};
    const name = this.name(host);
    const watcher = { changed };
    name.watchers.add(watcher);
    if (!name.known) void this.refresh(host, name);
    return () => void name.watchers.delete(watcher);
  }

  /** Resolves nothing anew any more. Lookups that wait get their answer. */
  close(): void {
    this.closed = true;
    for (const name of this.names.values()) name.stop?.();
    this.names.clear();
  }

  private name(host: string): ResolvedName {
    const known = this.names.get(host);
    if (known !== undefined) return known;
    const name = new ResolvedName(Math.floor(this.random() * 256));
    if (!this.closed) this.names.set(host, name);
    return name;
  }

  /** One at a time for a name: whoever comes while it goes on shares it. Never rejects. */
  private refresh(host: string, name: ResolvedName): Promise<void> {
    name.pending ??= this.ask(host, name).then(() => {
      name.pending = undefined;
      if (this.closed) return;
      name.stop?.();
      name.stop = this.clock.after(this.interval * (0.9 + 0.2 * this.random()), () => this.due(host, name));
    });
    return name.pending;
  }

  private async ask(host: string, name: ResolvedName): Promise<void> {
    try {
      const addresses = await this.resolve(host);
      if (addresses.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
      name.accept(addresses);
    } catch (error) {
      const first = name.error === undefined;
      name.error = error as Error;
      if (first && !this.closed) this.onProblem?.(host, name.error.message);
    }
  }

  private due(host: string, name: ResolvedName): void {
    if (name.watchers.size === 0 && !name.used) {
      this.names.delete(host);
      return;
    }
    name.used = false;
    void this.refresh(host, name);
  }
}

function system(host: string): Promise<readonly LookupAddress[]> {
  return systemLookup(host, { all: true, hints: ADDRCONFIG });
}

function familyOf({ family }: LookupOptions): number {
  return family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : (family ?? 0);
}

/** Never from within the call: whoever asks is not ready for that. */
function answer(
  addresses: readonly LookupAddress[],
  host: string,
  { all }: LookupOptions,
  callback: Callback,
  error: Error = Object.assign(new Error(`${host} has no address of that family`), { code: 'ENOTFOUND' }),
): void {
  const [first] = addresses;
  process.nextTick(() => {
    if (first === undefined) callback(error, '');
    else if (all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  });
}
