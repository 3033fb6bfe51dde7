import { insertRule, type Rule } from './rule.ts';
import { compareScores } from './score.ts';
import type { Walk } from './walk.ts';

/**
 * The rules that have a `**` at one place of the trie and more behind it. Each is asked about the whole rest of the path;
 * only those are asked of whose fixed texts the longest is a segment of it.
 */
export class Through<Route> {
  private readonly byText = new Map<string, Rule<Route>[]>();
  /** Those without a fixed text. */
  private readonly others: Rule<Route>[] = [];

  insert(rule: Rule<Route>): void {
    const texts = (rule.path.blocks ?? []).flatMap((block) => block.flatMap(({ exact }) => (exact === undefined ? [] : [exact])));
    if (texts.length === 0) {
      insertRule(this.others, rule);
      return;
    }
    const longest = texts.reduce((one, other) => (other.length > one.length ? other : one));
    const list = this.byText.get(longest) ?? [];
    if (list.length === 0) this.byText.set(longest, list);
    insertRule(list, rule);
  }

  /** @param depth the first segment that is the rules' to match */
  find(walk: Walk<Route>, depth: number): Rule<Route> | undefined {
    const parts = walk.from(depth);
    if (this.byText.size === 0) return walk.choose(this.others, parts);
    const candidates = [...this.others];
    for (const part of new Set(parts)) {
      const list = this.byText.get(part);
      if (list !== undefined) for (const rule of list) candidates.push(rule);
    }
    if (candidates.length > 1) candidates.sort((one, other) => compareScores(one.score, other.score));
    return walk.choose(candidates, parts);
  }
}
