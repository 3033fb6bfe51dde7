import type { When } from '../config/when.ts';
import type { Condition } from './condition.ts';
import type { PathMatcher } from './path-matcher.ts';
import { compareScores, type Score } from './score.ts';

/** What a route says about the requests that it takes. All but the path may be left out: then it is no matter. */
export interface Routable {
  readonly path: string;
  /** Regular expressions for parameters of the path. */
  readonly path_params?: Readonly<Record<string, string>> | undefined;
  /** Lower case; exact, or `*.` and a name. */
  readonly host?: readonly string[] | undefined;
  readonly methods?: readonly string[] | undefined;
  readonly tenant?: string | undefined;
  readonly when?: When | undefined;
  readonly priority?: number | undefined;
}

/** A route under one of its hosts, with all that is asked of a request: a row of the table. */
export interface Rule<Route> {
  readonly route: Route;
  readonly tenant: string | undefined;
  readonly host: string | undefined;
  readonly path: PathMatcher;
  /** What the trie cannot see: segments of the head that must be looked at, with their places. */
  readonly checks: readonly Check[];
  readonly captures: readonly Check[];
  readonly methods: readonly string[] | undefined;
  readonly when: When | undefined;
  readonly holds: Condition | undefined;
  readonly score: Score;
}

interface Check {
  readonly at: number;
  readonly segment: PathMatcher['head'][number];
}

/** Puts a rule into a list that is in the order of decision. */
export function insertRule<Route>(list: Rule<Route>[], rule: Rule<Route>): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareScores((list[middle] as Rule<Route>).score, rule.score) < 0) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, rule);
}

/**
 * Whether a rule takes a method: by its name, because it names none, or, HEAD, because it names GET. The last counts only
 * where no other rule of the same path and conditions names HEAD.
 */
export function methodGrade(methods: readonly string[] | undefined, method: string): 'named' | 'implied' | 'none' {
  if (methods === undefined || methods.includes(method)) return 'named';
  return method === 'HEAD' && methods.includes('GET') ? 'implied' : 'none';
}
