import { parsePattern } from '../config/pattern.ts';
import type { TenantSource } from '../config/tenancy.ts';
import { countLeaves } from '../config/when.ts';
import type { Exchange } from '../http/exchange.ts';
import { type LinearRegex, linearRegex } from '../lib/linear-regex.ts';
import { condition } from './condition.ts';
import { HostTable, hostName, hostRank } from './host-table.ts';
import { PathMatcher } from './path-matcher.ts';
import type { Routable, Rule } from './rule.ts';
import type { Params } from './segment.ts';
import { Walk } from './walk.ts';

export interface Match<Route> {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>> | undefined;
}

/** No route: for the path, or only for the method. */
export interface Miss {
  readonly route: undefined;
  /** Methods that the path has, each once, sorted; empty when it has no route at all. */
  readonly allow: readonly string[];
}

const NO_ROUTE: Miss = { route: undefined, allow: [] };

/**
 * Finds the route of an exchange: of those that take it, the first in the order of {@link Score}. A tenant's table is
 * asked before the common one, in each the table of the host before those of wildcards before that of all hosts.
 * The time of a match does not depend on the number of routes.
 */
export class Router<Route extends Routable> {
  /** In the order in which they were added; a route of several hosts has a rule for each. */
  readonly rules: Rule<Route>[] = [];
  private readonly tenantSource: TenantSource | undefined;
  private readonly tenants = new Map<string, HostTable<Route>>();
  private readonly common = new HostTable<Route>();
  private readonly walk = new Walk<Route>();
  private readonly regexes = new Map<string, LinearRegex>();
  private order = 0;

  /** @param tenantSource without one, routes of a tenant are for nobody */
  constructor(routes: Iterable<Route> = [], tenantSource?: TenantSource) {
    this.tenantSource = tenantSource;
    for (const route of routes) this.add(route);
  }

  /**
   * Adds one route; the order of adding is the order of the configuration. Costs what its path costs to read, so that a
   * large table can be made in slices.
   * @throws Error for a path or a regular expression that is none: a configuration has been checked
   */
  add(route: Route): void {
    const pattern = parsePattern(route.path);
    if (typeof pattern === 'string') throw new Error(`${route.path}: ${pattern}`);
    const constraints = Object.entries(route.path_params ?? {}).map(([name, text]) => [name, this.regex(text)] as const);
    const path = new PathMatcher(pattern, Object.assign(Object.create(null), Object.fromEntries(constraints)));
    const tenant = this.tenantSource?.kind === 'host' && route.tenant !== undefined ? hostName(route.tenant) : route.tenant;
    const places = path.head.map((segment, at) => ({ segment, at }));
    const rule = {
      route,
      tenant,
      path,
      checks: places.filter(({ segment }) => segment.checked),
      captures: places.filter(({ segment }) => segment.named),
      methods: route.methods,
      when: route.when,
      holds: route.when === undefined ? undefined : condition(route.when, (text) => this.regex(text)),
    };
    const score = {
      tenant: tenant !== undefined,
      path: path.rank,
      conditions: route.when === undefined ? 0 : countLeaves(route.when),
      methods: route.methods !== undefined,
      priority: route.priority ?? 0,
      order: this.order++,
    };
    for (const host of route.host ?? [undefined]) {
      const row: Rule<Route> = { ...rule, host, score: { ...score, host: hostRank(host) } };
      this.rules.push(row);
      this.tableOf(tenant).insert(row);
    }
  }

  private tableOf(tenant: string | undefined): HostTable<Route> {
    if (tenant === undefined) return this.common;
    const table = this.tenants.get(tenant) ?? new HostTable<Route>();
    this.tenants.set(tenant, table);
    return table;
  }

  /** The regular expression of a text, compiled once. */
  regex(text: string): LinearRegex {
    const known = this.regexes.get(text);
    if (known !== undefined) return known;
    const regex = linearRegex(text);
    if (typeof regex === 'string') throw new Error(`${text}: ${regex}`);
    this.regexes.set(text, regex);
    return regex;
  }

  /** @param method another than the exchange's own: that of the request which a preflight asks about */
  match(exchange: Exchange, method = exchange.method): Match<Route> | Miss {
    const { walk } = this;
    const { path } = exchange;
    // "*" is the path of OPTIONS for the server as a whole.
    if (path.charCodeAt(0) !== 47) return NO_ROUTE;
    walk.start(exchange, path, method);
    const rule = this.find(exchange);
    const found =
      rule === undefined ? this.miss(exchange) : { route: rule.route, params: rule.path.named ? this.params(rule) : undefined };
    walk.exchange = undefined;
    return found;
  }

  private find(exchange: Exchange): Rule<Route> | undefined {
    if (this.tenants.size > 0) {
      const tenant = this.tenantOf(exchange);
      const rule = tenant === undefined ? undefined : this.tenants.get(tenant)?.find(this.walk, exchange.authority);
      if (rule !== undefined) return rule;
    }
    return this.common.find(this.walk, exchange.authority);
  }

  /** The tenant of an exchange; undefined when it has none. */
  tenantOf(exchange: Exchange): string | undefined {
    const { tenantSource } = this;
    if (tenantSource === undefined) return undefined;
    return tenantSource.kind === 'host' ? hostName(exchange.authority) : exchange.headers.get(tenantSource.name);
  }

  /** A second search, which only those pay for who asked for what is not there. */
  private miss(exchange: Exchange): Miss {
    const allow = new Set<string>();
    this.walk.allow = allow;
    this.find(exchange);
    this.walk.allow = undefined;
    return allow.size === 0 ? NO_ROUTE : { route: undefined, allow: [...allow].sort() };
  }

  private params({ path, captures }: Rule<Route>): Params {
    const { walk } = this;
    const params: Params = Object.create(null);
    if (path.regex !== undefined) return Object.assign(params, Object.fromEntries(path.regex.groups(walk.path) ?? []));
    for (const { segment, at } of captures) segment.capture(walk.segment(at), params);
    if (path.blocks !== undefined && path.blocks.length > 0) path.captureBlocks(walk.from(path.head.length), params);
    return params;
  }
}
