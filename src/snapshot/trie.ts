import { insertRule, type Rule } from './rule.ts';
import { RANK } from './score.ts';
import { Through } from './through.ts';
import type { Walk } from './walk.ts';

/** What may follow a part of a path, by kind and in the order of the score. Kinds that no rule uses are not there. */
class Node<Route> {
  /** The only fixed text, most often: comparing it in its place costs a fraction of a look-up. */
  text: string | undefined;
  next: Node<Route> | undefined;
  /** All fixed texts when there are several. */
  exact: Map<string, Node<Route>> | undefined;
  /** Patterns inside a segment, by their ranks, in order. Which of them match is asked at the end. */
  mixed: { readonly rank: string; readonly node: Node<Route> }[] | undefined;
  regexes: Rule<Route>[] | undefined;
  checked: Node<Route> | undefined;
  any: Node<Route> | undefined;
  through: Through<Route> | undefined;
  here: Rule<Route>[] | undefined;
  rest: Rule<Route>[] | undefined;
  /** Whether anything but a fixed text may follow. */
  forks = false;
}

/**
 * Rules by path. The trie knows kinds of segments, not what they are called or must match: so the way through it, best
 * kind first, is the order of the score, and rules that are equal as far as the path goes stand in one list, in the order
 * of what is left of the score. The time depends on the path and on the rules that compete for it, not on all others.
 */
export class Trie<Route> {
  private readonly root = new Node<Route>();

  insert(rule: Rule<Route>): void {
    let node = this.root;
    for (const { rank, exact } of rule.path.head) {
      if (exact === undefined) node.forks = true;
      if (exact !== undefined) node = exactChild(node, exact);
      else if (rank === RANK.checked) node = node.checked ??= new Node();
      else if (rank === RANK.any) node = node.any ??= new Node();
      else node = mixedChild(node, rank);
    }
    const { regex, blocks } = rule.path;
    if (regex !== undefined || blocks !== undefined) node.forks = true;
    if (regex !== undefined) node.regexes = withRule(node.regexes, rule);
    else if (blocks === undefined) node.here = withRule(node.here, rule);
    else if (blocks.length === 0) node.rest = withRule(node.rest, rule);
    else {
      node.through ??= new Through();
      node.through.insert(rule);
    }
  }

  /** @param walk its path begins with a slash */
  find(walk: Walk<Route>): Rule<Route> | undefined {
    return find(this.root, walk, 0, 1);
  }
}

function withRule<Route>(list: Rule<Route>[] = [], rule: Rule<Route>): Rule<Route>[] {
  insertRule(list, rule);
  return list;
}

function exactChild<Route>(node: Node<Route>, text: string): Node<Route> {
  const known = node.exact === undefined ? (node.text === text ? node.next : undefined) : node.exact.get(text);
  if (known !== undefined) return known;
  const next = new Node<Route>();
  if (node.next === undefined) {
    node.text = text;
    node.next = next;
    return next;
  }
  node.exact ??= new Map([[node.text as string, node.next]]);
  node.exact.set(text, next);
  return next;
}

function mixedChild<Route>(node: Node<Route>, rank: string): Node<Route> {
  node.mixed ??= [];
  const { mixed } = node;
  const found = mixed.find((child) => child.rank === rank);
  if (found !== undefined) return found.node;
  const child = { rank, node: new Node<Route>() };
  const later = mixed.findIndex((one) => one.rank > rank);
  mixed.splice(later < 0 ? mixed.length : later, 0, child);
  return child.node;
}

/**
 * @param depth which segment is next
 * @param at where it starts; past the end by one when there is none
 */
function find<Route>(node: Node<Route>, walk: Walk<Route>, depth: number, at: number): Rule<Route> | undefined {
  const { path } = walk;
  walk.starts[depth] = at;
  if (at > path.length) {
    const rule = node.here === undefined ? undefined : walk.choose(node.here);
    return rule === undefined && node.rest !== undefined ? walk.choose(node.rest) : rule;
  }
  const slash = path.indexOf('/', at);
  const end = slash < 0 ? path.length : slash;
  const next = node.exact === undefined ? onlyNext(node, path, at, end) : node.exact.get(path.slice(at, end));
  const rule = next === undefined ? undefined : find(next, walk, depth + 1, end + 1);
  if (rule !== undefined) return rule;
  return node.forks ? findFork(node, walk, depth, end) : undefined;
}

function onlyNext<Route>({ text, next }: Node<Route>, path: string, at: number, end: number): Node<Route> | undefined {
  return text !== undefined && text.length === end - at && path.startsWith(text, at) ? next : undefined;
}

/** What may stand there instead of a fixed text. @param end where the segment ends */
function findFork<Route>(node: Node<Route>, walk: Walk<Route>, depth: number, end: number): Rule<Route> | undefined {
  const filled = end > (walk.starts[depth] as number);
  let rule: Rule<Route> | undefined;
  if (filled && node.mixed !== undefined) rule = findMixed(node.mixed, walk, depth + 1, end + 1);
  if (rule === undefined && node.regexes !== undefined) rule = walk.choose(node.regexes);
  if (rule === undefined && filled && node.checked !== undefined) rule = find(node.checked, walk, depth + 1, end + 1);
  if (rule === undefined && filled && node.any !== undefined) rule = find(node.any, walk, depth + 1, end + 1);
  if (rule === undefined && node.through !== undefined) rule = node.through.find(walk, depth);
  return rule === undefined && node.rest !== undefined ? walk.choose(node.rest) : rule;
}

function findMixed<Route>(
  mixed: NonNullable<Node<Route>['mixed']>,
  walk: Walk<Route>,
  depth: number,
  at: number,
): Rule<Route> | undefined {
  for (const { node } of mixed) {
    const rule = find(node, walk, depth, at);
    if (rule !== undefined) return rule;
  }
  return undefined;
}
