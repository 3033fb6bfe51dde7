import { type Keyed, needsTenant, withTenant } from '../layers/rate-limit/config.ts';
import type { BackendConfig } from '../upstream/config.ts';
import type { Config } from './document.ts';
import type { Path } from './path.ts';
import type { RouteConfig } from './route.ts';
import type { TenantSource } from './tenancy.ts';

/** The parts of a configuration that count, or keep together, by keys. */
type Counting = Pick<Config, 'routes' | 'middleware' | 'consumers' | 'backends'>;

/** Puts what `tenancy` says in the place of every key `tenant`. Without tenancy nothing changes: nobody has a tenant. */
export function resolveTenants(config: Counting, source: TenantSource | undefined): Counting {
  if (source === undefined) return config;
  const one = <Limit extends Keyed>(limit: Limit): Limit => withTenant(limit, source);
  const { rate_limiting } = config.middleware;
  const backend = (value: BackendConfig) => ({ ...value, hash_on: one({ key: value.hash_on }).key });
  return {
    routes: config.routes.map((route): RouteConfig => {
      const { rate_limits, concurrency } = route;
      if (!rate_limits.some(needsTenant) && (concurrency === undefined || !needsTenant(concurrency))) return route;
      return { ...route, rate_limits: rate_limits.map(one), concurrency: concurrency && one(concurrency) };
    }),
    middleware: { ...config.middleware, rate_limiting: rate_limiting && one(rate_limiting) },
    consumers: config.consumers.map((consumer) => ({ ...consumer, rate_limits: consumer.rate_limits.map(one) })),
    backends: Object.fromEntries(Object.entries(config.backends).map(([name, value]) => [name, backend(value)])),
  };
}

/** Where keys are that name a tenant, in the words of the document: without tenancy each of them is a mistake. */
export function tenantKeys({ routes, middleware, consumers, backends }: Counting): Path[] {
  const paths: Path[] = [];
  const look = (keyed: Keyed | undefined, path: Path) => {
    if (keyed !== undefined && needsTenant(keyed)) paths.push(path);
  };
  for (const [at, { rate_limits, concurrency }] of routes.entries()) {
    for (const [index, limit] of rate_limits.entries()) look(limit, ['routes', at, 'rate_limits', index, 'key']);
    look(concurrency, ['routes', at, 'concurrency', 'key']);
  }
  look(middleware.rate_limiting, ['middleware', 'rate_limiting', 'key']);
  for (const [at, { rate_limits }] of consumers.entries())
    for (const [index, limit] of rate_limits.entries()) look(limit, ['consumers', at, 'rate_limits', index, 'key']);
  for (const [name, { hash_on }] of Object.entries(backends))
    look({ key: hash_on }, ['load_balancing', 'backends', name, 'hash_on']);
  return paths;
}
