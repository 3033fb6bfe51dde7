import { z } from 'zod';
import { type Address, parseAddress } from '../lib/address.ts';
import { address, field, flag, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';

export const DEFAULT_ADMIN_ADDR = '127.0.0.1:9090';

/** Paths of the admin address that metrics may not take. */
const TAKEN = ['/health', '/ready', '/stats'];

// What comes in a header: an unprintable character or a space could never match there.
// The message shows no part of it, unlike the usual one: messages go into logs.
const token = field(z.string({ error: 'must be a text; a number stands in quotes' }), (text) =>
  /^[\x21-\x7e]*$/.test(text) ? text : new Wrong('must be visible ASCII characters'),
);

const metricsPath = field(z.string(), (text) => {
  if (!/^\/[A-Za-z0-9._~/-]*$/.test(text)) return new Wrong('must be a path such as /metrics');
  return TAKEN.includes(text) ? new Wrong(`${text} answers something else already`) : text;
});

export const adminSchema = z.strictObject({
  addr: address().optional().describe(`Where the admin endpoints listen. Default ${DEFAULT_ADMIN_ADDR}.`),
  token: token.prefault('').describe('Bearer token for everything that changes or reveals. Empty: all of that is off.'),
});

export const metricsSchema = z.strictObject({
  prometheus: flag().prefault(true).describe('Whether metrics are kept and shown.'),
  metrics_addr: address().optional().describe('Another name for admin.addr.'),
  metrics_path: metricsPath.prefault('/metrics').describe('Where the admin address shows them.'),
  detailed_metrics: flag().prefault(true).describe('Whether metrics are told apart by route and upstream.'),
});

/** Where to be asked about the gateway itself. */
export interface AdminConfig {
  readonly addr: Address;
  /** Empty: none. */
  readonly token: string;
}

export type MetricsConfig = Frozen<Omit<z.output<typeof metricsSchema>, 'metrics_addr'>>;

/** Puts the two names of the admin address together. That they do not differ is checked before. */
export function joinAdmin(
  admin: z.output<typeof adminSchema>,
  metrics: z.output<typeof metricsSchema>,
): { admin: AdminConfig; metrics: MetricsConfig } {
  const { metrics_addr, ...rest } = metrics;
  const addr = admin.addr ?? metrics_addr ?? (parseAddress(DEFAULT_ADMIN_ADDR) as Address);
  return { admin: { addr, token: admin.token }, metrics: rest };
}
