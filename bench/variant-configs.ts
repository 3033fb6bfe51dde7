import type { Credentials } from './credentials.ts';
import { LOOPBACK } from './origin.ts';

/** A configuration document, as users write it. */
export type Config = Readonly<Record<string, unknown>>;

export type Variant = (originPort: number, credentials: Credentials) => Config;

const quiet = { access_log: false };

function upstreams(port: number, count: number): unknown[] {
  return LOOPBACK.slice(0, count).map((host, at) => ({ address: `${host}:${port}`, weight: (at % 3) + 1 }));
}

export function backends(port: number, more: Config = {}, count = 1): Config {
  return { load_balancing: { backends: { origin: { upstreams: upstreams(port, count), pool: { max_idle: 128 }, ...more } } } };
}

export const plain = { id: 'all', path: '/**', backend: 'origin', ...quiet };

/** So many routes of all kinds beside the one that is asked for. */
function routes(count: number): Variant {
  const kinds = ['/exact', '/users/{id}', '/files/**', '/v{version}/items/:item', '/deep/a/b/c/*'];
  const others = Array.from({ length: count - 1 }, (_, at) => ({
    ...plain,
    id: `route-${at}`,
    path: `/service-${Math.floor(at / kinds.length)}${kinds[at % kinds.length]}`,
  }));
  return (port) => ({ ...backends(port), routes: [...others, { ...plain, id: 'small', path: '/small' }] });
}

function balancer(algorithm: string): Variant {
  return (port) => ({ ...backends(port, { algorithm }, 10), routes: [plain] });
}

const BALANCERS = [
  ...['round_robin', 'weighted_round_robin', 'least_connections', 'ip_hash', 'random'],
  ...['least_response_time', 'power_of_two', 'consistent_hash'],
];

export const VARIANTS: Readonly<Record<string, Variant>> = {
  plain: (port) => ({ ...backends(port), routes: [plain] }),
  routes1: (port) => ({ ...backends(port), routes: [{ ...plain, path: '/small' }] }),
  routes100: routes(100),
  routes10000: routes(10_000),
  ...Object.fromEntries(BALANCERS.map((name) => [name, balancer(name)])),
  retries: (port) => ({ ...backends(port, {}, 2), routes: [{ ...plain, retries: 3 }] }),
  hedge: (port) => ({ ...backends(port, {}, 2), routes: [{ ...plain, hedge: { after: 'p95' } }] }),
  health: (port) => ({
    ...backends(port, { health_check: { check_type: 'http', path: '/small', interval: '1s' }, outlier_detection: {} }, 10),
    routes: [plain],
  }),
  access_log: (port) => ({ ...backends(port), routes: [{ ...plain, access_log: true }] }),
};
