import { parsePattern, type Segment } from '../config/pattern.ts';

/** What the router finds: anything with a pattern and, maybe, a list of methods. */
export interface Routable {
  readonly path: string;
  /** Undefined: every method. */
  readonly methods: readonly string[] | undefined;
}

/** A route that stands at a node, and the names of its parameters in order of their segments. */
interface Leaf<Route> {
  readonly route: Route;
  readonly names: readonly (string | undefined)[];
}

class Node<Route> {
  readonly exact = new Map<string, Node<Route>>();
  any: Node<Route> | undefined;
  readonly here: Leaf<Route>[] = [];
  /** Routes that end in `**` here. */
  readonly rest: Leaf<Route>[] = [];
}

export interface Match<Route> {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>> | undefined;
}

/** No route: for the path, or only for the method. */
export interface Miss {
  readonly route: undefined;
  /** Methods that the path has; empty when it has no route at all. */
  readonly allow: readonly string[];
}

/**
 * Routes by path in a trie of segments. The most specific wins: segment by segment, a fixed text before a parameter
 * or `*`, and those before `**`. A route that lacks the method gives way to the next best. The time of a match
 * depends on the path's segments, not on the number of routes.
 */
export class Router<Route extends Routable> {
  private readonly root = new Node<Route>();

  constructor(routes: readonly Route[]) {
    // On one path a route that names its methods comes before one that takes all.
    for (const route of routes) if (route.methods !== undefined) this.insert(route);
    for (const route of routes) if (route.methods === undefined) this.insert(route);
  }

  private insert(route: Route): void {
    const segments = parsePattern(route.path);
    if (typeof segments === 'string') throw new Error(`${route.path}: ${segments}`);
    const names: (string | undefined)[] = [];
    let node = this.root;
    for (const segment of segments) {
      if (segment.kind === 'rest') {
        node.rest.push({ route, names });
        return;
      }
      node = child(node, segment, names);
    }
    node.here.push({ route, names });
  }

  /** @param path begins with a slash; or "*", which no route has */
  match(method: string, path: string): Match<Route> | Miss {
    const allow: string[] = [];
    const captures: string[] = [];
    const leaf = path.charCodeAt(0) === 47 ? find(this.root, method, path, 1, captures, allow) : undefined;
    if (leaf === undefined) return { route: undefined, allow: [...new Set(allow)].sort() };
    return { route: leaf.route, params: paramsOf(leaf, captures) };
  }
}

function child<Route>(
  node: Node<Route>,
  segment: Exclude<Segment, { kind: 'rest' }>,
  names: (string | undefined)[],
): Node<Route> {
  if (segment.kind === 'exact') {
    let next = node.exact.get(segment.text);
    if (next === undefined) {
      next = new Node();
      node.exact.set(segment.text, next);
    }
    return next;
  }
  names.push(segment.kind === 'parameter' ? segment.name : undefined);
  node.any = node.any ?? new Node();
  return node.any;
}

/** @param at where the next segment starts; past the end by one when there is none */
function find<Route extends Routable>(
  node: Node<Route>,
  method: string,
  path: string,
  at: number,
  captures: string[],
  allow: string[],
): Leaf<Route> | undefined {
  if (at > path.length) return choose(node.here, method, allow) ?? choose(node.rest, method, allow);
  const slash = path.indexOf('/', at);
  const end = slash < 0 ? path.length : slash;
  const text = path.slice(at, end);
  const exact = node.exact.get(text);
  if (exact !== undefined) {
    const leaf = find(exact, method, path, end + 1, captures, allow);
    if (leaf !== undefined) return leaf;
  }
  if (node.any !== undefined && text !== '') {
    captures.push(text);
    const leaf = find(node.any, method, path, end + 1, captures, allow);
    if (leaf !== undefined) return leaf;
    captures.pop();
  }
  return node.rest.length === 0 ? undefined : choose(node.rest, method, allow);
}

function choose<Route extends Routable>(leaves: Leaf<Route>[], method: string, allow: string[]): Leaf<Route> | undefined {
  let forHead: Leaf<Route> | undefined;
  for (const leaf of leaves) {
    const { methods } = leaf.route;
    if (methods === undefined) return forHead ?? leaf;
    if (methods.includes(method)) return leaf;
    allow.push(...methods);
    if (!methods.includes('GET')) continue;
    allow.push('HEAD');
    // Unless a route names HEAD itself.
    if (method === 'HEAD') forHead = forHead ?? leaf;
  }
  return forHead;
}

function paramsOf<Route>(leaf: Leaf<Route>, captures: string[]): Record<string, string> | undefined {
  let params: Record<string, string> | undefined;
  for (let at = 0; at < leaf.names.length; at++) {
    const name = leaf.names[at];
    if (name === undefined) continue;
    params = params ?? Object.create(null);
    (params as Record<string, string>)[name] = captures[at] as string;
  }
  return params;
}
