import type { Rule } from './rule.ts';
import { EXACT_HOST } from './score.ts';
import { Trie } from './trie.ts';
import type { Walk } from './walk.ts';

/** No name in DNS is longer; a longer one is not looked up, label by label. */
const LONGEST_NAME = 253;

/** Rules by host: a trie each for names, for what stands below names, and for all. */
export class HostTable<Route> {
  private readonly exact = new Map<string, Trie<Route>>();
  /** By what follows `*.`. */
  private readonly below = new Map<string, Trie<Route>>();
  private every: Trie<Route> | undefined;

  insert(rule: Rule<Route>): void {
    const { host } = rule;
    if (host === undefined) this.every ??= new Trie();
    const trie =
      host === undefined
        ? (this.every as Trie<Route>)
        : host.startsWith('*.')
          ? trieOf(this.below, host.slice(2))
          : trieOf(this.exact, host);
    trie.insert(rule);
  }

  /** Asks the most specific table first; what it does not take, the next is asked for. */
  find(walk: Walk<Route>, authority: string): Rule<Route> | undefined {
    return (
      (this.exact.size + this.below.size > 0 ? this.findNamed(walk, hostName(authority)) : undefined) ?? this.every?.find(walk)
    );
  }

  private findNamed(walk: Walk<Route>, host: string): Rule<Route> | undefined {
    if (host.length > LONGEST_NAME) return undefined;
    const rule = this.exact.get(host)?.find(walk);
    if (rule !== undefined || this.below.size === 0) return rule;
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      const rule = this.below.get(host.slice(dot + 1))?.find(walk);
      if (rule !== undefined) return rule;
    }
    return undefined;
  }
}

function trieOf<Route>(tries: Map<string, Trie<Route>>, host: string): Trie<Route> {
  let trie = tries.get(host);
  if (trie === undefined) {
    trie = new Trie();
    tries.set(host, trie);
  }
  return trie;
}

/** The host of an authority as hosts are compared: lower case, without port and without a dot at its end. */
export function hostName(authority: string): string {
  // The colons of an IPv6 address stand before its bracket.
  const colon = authority.lastIndexOf(':');
  const bare = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority;
  const host = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  return /[A-Z]/.test(host) ? host.toLowerCase() : host;
}

/** How a host counts in the score. */
export function hostRank(host: string | undefined): number {
  if (host === undefined) return 0;
  return host.startsWith('*.') ? host.split('.').length - 1 : EXACT_HOST;
}
