import type { Exchange } from '../http/exchange.ts';
import { unfulfilled } from './condition.ts';
import { hostName } from './host-table.ts';
import type { Router } from './router.ts';
import { methodGrade, type Routable, type Rule } from './rule.ts';
import { compareScores, type Score } from './score.ts';

/** What became of one rule when a request was matched. */
export interface Verdict<Route> {
  readonly rule: Rule<Route>;
  readonly wins: boolean;
  /** Why it does not answer; for the winner, empty. */
  readonly reason: string;
  /** Whether its path is that of the request: the others have nothing to do with it. */
  readonly hasPath: boolean;
}

/** All rules in the order of decision, each with why it does or does not answer. Slow: for people who ask. */
export function explainRoute<Route extends Routable>(router: Router<Route>, exchange: Exchange): Verdict<Route>[] {
  const { route } = router.match(exchange);
  const asked = inOrder(router.rules).map((rule) => ({ rule, lack: lackOf(rule, router, exchange) }));
  const winner = asked.find(({ rule, lack }) => rule.route === route && lack === undefined)?.rule;
  return asked.map(({ rule, lack }) => ({
    rule,
    wins: rule === winner,
    reason: rule === winner ? '' : (lack ?? `comes later: ${differenceTo((winner as Rule<Route>).score, rule.score)}`),
    hasPath: rule.path.matches(exchange.path),
  }));
}

/** Rules as they are asked; those that never compete (other tenants, hosts or paths) by their texts. */
export function inOrder<Route extends Routable>(rules: readonly Rule<Route>[]): Rule<Route>[] {
  return rules.toSorted((one, other) => {
    const table = Number(other.score.tenant) - Number(one.score.tenant) || other.score.host - one.score.host;
    return table || compareTexts(tableOf(one), tableOf(other)) || compareScores(one.score, other.score);
  });
}

function tableOf<Route>({ tenant, host }: Rule<Route>): string {
  return `${tenant ?? ''} ${host ?? ''}`;
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The first thing that a request lacks for a rule; undefined when the rule would take it. */
function lackOf<Route extends Routable>(rule: Rule<Route>, router: Router<Route>, exchange: Exchange): string | undefined {
  const tenant = router.tenantOf(exchange);
  if (rule.tenant !== undefined && rule.tenant !== tenant)
    return `it is for the tenant ${rule.tenant}, the request has ${tenant === undefined ? 'none' : JSON.stringify(tenant)}`;
  const host = hostName(exchange.authority);
  const { host: pattern } = rule;
  if (pattern !== undefined && !(pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern))
    return `it is for the host ${pattern}`;
  if (!rule.path.matches(exchange.path)) return 'it has another path';
  const part = rule.when && unfulfilled(rule.when, exchange, (text) => router.regex(text));
  if (part !== undefined) return `the condition fails: ${part}`;
  return methodGrade(rule.methods, exchange.method) === 'none' ? `it takes ${rule.methods?.join(', ')} only` : undefined;
}

/** By which part of its score a rule stands behind the winner. */
function differenceTo(winner: Score, score: Score): string {
  if (winner.tenant !== score.tenant) return 'the winner is for this tenant';
  if (winner.host !== score.host) return "the winner's host is more specific";
  if (winner.path !== score.path) return "the winner's path is more specific";
  if (winner.conditions !== score.conditions) return 'the winner has more conditions';
  if (winner.methods !== score.methods) return 'the winner names its methods';
  if (compareScores(score, winner) < 0) return 'the winner names HEAD';
  return winner.priority === score.priority ? 'the winner comes first in the file' : "the winner's priority is higher";
}
