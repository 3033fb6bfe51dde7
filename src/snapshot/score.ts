/**
 * A route's place in the order in which routes are asked. It does not depend on the request: of the routes that take a
 * request, the one that stands first in this order answers it.
 */
export interface Score {
  /** Whether the route is for one tenant: these come first. */
  readonly tenant: boolean;
  /** {@link EXACT_HOST}, the labels of a wildcard's name, or 0 for every host; the higher first. */
  readonly host: number;
  /** Segment by segment one of {@link rankOf}'s texts: the smaller first, compared as text. */
  readonly path: string;
  /** Conditions that are made of no others; more first. */
  readonly conditions: number;
  /** Whether methods are named: these come first. */
  readonly methods: boolean;
  /** The higher first. */
  readonly priority: number;
  /** Place in the configuration; the smaller first. */
  readonly order: number;
}

/** More than any name has labels. */
export const EXACT_HOST = 1000;

/**
 * The ranks of a part of a path, best first. No text begins another, so texts of several compare part by part. An end
 * stands before `**` because a route that stops there says more than one that takes whatever follows.
 */
export const RANK = { exact: 'a', mixed: 'b', regex: 'c', checked: 'd', any: 'e', through: 'f', end: 'g', rest: 'h' } as const;

/** Of a pattern inside a segment: more fixed characters first, then those with constrained parameters. */
export function mixedRank(fixed: number, checked: boolean): string {
  return `${RANK.mixed}${String.fromCharCode(0xffff - fixed)}${checked ? 'a' : 'b'}`;
}

/** Negative when the first comes before the second. */
export function compareScores(one: Score, other: Score): number {
  if (one.tenant !== other.tenant) return one.tenant ? -1 : 1;
  if (one.host !== other.host) return other.host - one.host;
  if (one.path !== other.path) return one.path < other.path ? -1 : 1;
  if (one.conditions !== other.conditions) return other.conditions - one.conditions;
  if (one.methods !== other.methods) return one.methods ? -1 : 1;
  return other.priority - one.priority || one.order - other.order;
}

const WORDS: Readonly<Record<string, string>> = {
  [RANK.exact]: 'text',
  [RANK.regex]: '~regex',
  [RANK.checked]: '{checked}',
  [RANK.any]: '*',
  [RANK.through]: '**',
  [RANK.rest]: '**',
};

/** The score in words, from what counts most to what counts least: `tenant, host, /text/{checked}/**, 2 conditions`. */
export function describeScore({ tenant, host, path, conditions, methods, priority }: Score): string {
  const parts = [
    tenant ? 'tenant' : '',
    host === EXACT_HOST ? 'host' : host > 0 ? `*.host of ${host} labels` : '',
    describePath(path),
    conditions === 0 ? '' : `${conditions} condition${conditions === 1 ? '' : 's'}`,
    methods ? 'methods' : '',
    priority === 0 ? '' : `priority ${priority}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describePath(ranks: string): string {
  let text = '';
  for (let at = 0; at < ranks.length; at++) {
    const rank = ranks.charAt(at);
    if (rank === RANK.end) break;
    if (rank === RANK.mixed) {
      const checked = ranks.charAt(at + 2) === 'a' ? 'checked ' : '';
      text += `/{${checked}part, ${0xffff - ranks.charCodeAt(at + 1)} fixed}`;
      at += 2;
    } else text += `/${WORDS[rank]}`;
  }
  return text;
}
