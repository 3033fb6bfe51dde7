import type { Exchange } from '../http/exchange.ts';
import { methodGrade, type Rule } from './rule.ts';

/**
 * One search through the tables, for one exchange after another: what has been learned of the path on the way down. It
 * looks for the first rule that takes the exchange or, with `allow`, goes through all and notes the methods that would do.
 */
export class Walk<Route> {
  path = '';
  method = '';
  exchange: Exchange | undefined;
  /** Where the segments begin, as far as the search has gone; a segment ends one before the next begins. */
  readonly starts: number[] = [];
  /** Undefined while a route is looked for. */
  allow: Set<string> | undefined;

  start(exchange: Exchange, path: string, method: string): void {
    this.path = path;
    this.method = method;
    this.exchange = exchange;
    this.allow = undefined;
  }

  segment(at: number): string {
    return this.path.slice(this.starts[at], (this.starts[at + 1] as number) - 1);
  }

  /** The segments from the given one on. */
  from(at: number): string[] {
    const start = this.starts[at] as number;
    return start > this.path.length ? [] : this.path.slice(start).split('/');
  }

  /**
   * The first of the rules that takes the exchange, whose path has led to them.
   * @param rules in order of decision
   * @param parts the segments behind the head, for rules with a `**` inside
   */
  choose(rules: readonly Rule<Route>[], parts?: readonly string[]): Rule<Route> | undefined {
    const { method, allow } = this;
    let implied: Rule<Route> | undefined;
    for (let at = 0; at < rules.length; at++) {
      const rule = rules[at] as Rule<Route>;
      if (implied !== undefined && !mayTakeHeadFrom(implied, rule)) return implied;
      const grade = methodGrade(rule.methods, method);
      if (allow === undefined ? grade === 'none' : grade !== 'none') continue;
      if (!this.fits(rule, parts)) continue;
      if (allow !== undefined) {
        for (const one of rule.methods ?? []) allow.add(one);
        if (rule.methods?.includes('GET')) allow.add('HEAD');
      } else if (grade === 'named') return rule;
      else implied ??= rule;
    }
    return implied;
  }

  private fits(rule: Rule<Route>, parts: readonly string[] | undefined): boolean {
    const { checks, path, holds } = rule;
    for (let at = 0; at < checks.length; at++) {
      const check = checks[at] as (typeof checks)[number];
      if (!check.segment.test(this.segment(check.at))) return false;
    }
    if (path.regex !== undefined && !path.regex.test(this.path)) return false;
    if (parts !== undefined && path.place(parts) === undefined) return false;
    return holds === undefined || holds(this.exchange as Exchange);
  }
}

/** Whether a later rule that names HEAD comes before one that only implies it: all before the methods is equal. */
function mayTakeHeadFrom(implied: Rule<unknown>, rule: Rule<unknown>): boolean {
  const [one, other] = [implied.score, rule.score];
  return rule.methods !== undefined && one.path === other.path && one.conditions === other.conditions;
}
