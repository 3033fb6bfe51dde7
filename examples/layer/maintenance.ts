// A layer that answers with a page, 503 and Retry-After while its route is under maintenance, and lets a few through.
// Elsewhere the types come from 'sluice'.
import type { LayerFactory } from '../../src/snapshot/custom-layers.ts';

/**
 *   extensions: { directories: ["./layer"] }
 *   routes:
 *     - custom:
 *         - module: "./layer/maintenance.ts"
 *           config: { from: "2026-12-01T02:00:00Z", until: "2026-12-01T04:00:00Z", addresses: ["192.0.2.7"], paths: ["/health"] }
 */
interface Maintenance {
  /** When it begins and ends, with the time zone. */
  readonly from: number;
  readonly until: number;
  /** Clients that are let through: those who look whether it works again. */
  readonly addresses: ReadonlySet<string>;
  /** Paths that are always answered. */
  readonly paths: ReadonlySet<string>;
  readonly page: string;
}

const PAGE = '<!doctype html><title>Maintenance</title><h1>We are back soon</h1>\n';

const maintenance: LayerFactory = (config, tools) => {
  const { from, until, addresses, paths, page } = read(config);
  return (next) => (exchange) => {
    const now = tools.clock.wall();
    if (now < from || now >= until || addresses.has(exchange.clientAddress) || paths.has(exchange.path)) return next(exchange);
    const fields = {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Retry-After': String(Math.ceil((until - now) / 1000)),
    };
    return tools.reply(503, fields, page);
  };
};

export default maintenance;

/** What it throws is shown to whoever loads the configuration, which is then refused. */
function read(config: unknown): Maintenance {
  const { from, until, addresses = [], paths = [], page = PAGE } = config as Readonly<Record<string, unknown>>;
  const read = { from: time('from', from), until: time('until', until) };
  if (read.from >= read.until) throw new Error('until must be later than from');
  if (typeof page !== 'string') throw new Error('page must be a text');
  return { ...read, addresses: texts('addresses', addresses), paths: texts('paths', paths), page };
}

function time(name: string, value: unknown): number {
  // Without a zone it would be another moment on each machine.
  const at = typeof value === 'string' && /(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new Error(`${name} must be a time such as 2026-12-01T02:00:00Z`);
  return at;
}

function texts(name: string, value: unknown): ReadonlySet<string> {
  if (!Array.isArray(value) || value.some((one) => typeof one !== 'string')) throw new Error(`${name} must be a list of texts`);
  return new Set(value);
}
