import { z } from 'zod';
import { choice, duration, field, integer, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

/** Statuses that count as good, bounds included: `200`, `"2xx"`, `"200-399"`. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

const statusRange = field(z.union([z.number(), z.string()]), (written): StatusRange | Wrong => {
  const text = String(written);
  const family = /^([1-5])xx$/i.exec(text)?.[1];
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 };
  const [, from = '', to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  if (from === '' || Number(to) < Number(from)) return new Wrong(`not a status: ${quote(written)}`, '200, "2xx" or "200-399"');
  return { from: Number(from), to: Number(to) };
});

const path = field(z.string(), (text) =>
  /^\/[\x21-\x7e]*$/.test(text) && !text.includes('#') ? text : new Wrong(`not a path: ${quote(text)}`, 'a path such as /health'),
);

const host = field(z.string(), (text) => (/^[\w.:[\]-]*$/.test(text) ? text : new Wrong(`not a Host: ${quote(text)}`)));

/** One check as it is written. What is left out comes from the block of defaults, and then from {@link finishChecks}. */
export const healthCheck = z.strictObject({
  check_type: choice(['tcp', 'http', 'https'])
    .optional()
    .describe('tcp connects; http and https ask. Default: http with a path, else tcp.'),
  path: path.optional().describe('What is asked for. Default /.'),
  port: integer(0, 65_535).optional().describe("0, the default: the upstream's own."),
  host: host.optional().describe("The Host that is sent. Default: the upstream's address."),
  expected_status: statusRange.optional().describe('200 (the default), "2xx" or "200-399".'),
  interval: duration(100).optional().describe('Between two probes, give or take a tenth. Default 10s.'),
  timeout: duration().optional().describe('For a whole probe. Default 5s.'),
  failure_threshold: integer(1).optional().describe('Failures in a row that make an upstream unready. Default 3.'),
  success_threshold: integer(1).optional().describe('Successes in a row that make it ready again. Default 2.'),
  by: choice(['instance'], /^fleet$/)
    .optional()
    .describe('Who probes: each instance for itself.'),
});

/** One check or a list of them: an upstream is ready while none of them fails. */
export const healthChecks = z.union([healthCheck, z.array(healthCheck)], { error: 'must be a check or a list of checks' });

type Written = z.output<typeof healthCheck>;
type Finished = { [Key in keyof Written]-?: NonNullable<Written[Key]> };

/** A check with every default filled in. Times are milliseconds. */
export type HealthCheckConfig = Frozen<Finished>;

/**
 * The checks of one backend.
 * @param own what the backend says; undefined: nothing
 * @param common the block `health_check` of the document; undefined: there is none, and then nothing is probed that
 * does not ask for it
 */
export function finishChecks(own: Written | Written[] | undefined, common: Written | undefined): Finished[] {
  const written = own ?? common ?? [];
  return (Array.isArray(written) ? written : [written]).map((one) => {
    const check = { ...common, ...one };
    return {
      check_type: check.check_type ?? (check.path === undefined ? 'tcp' : 'http'),
      path: check.path ?? '/',
      port: check.port ?? 0,
      host: check.host ?? '',
      expected_status: check.expected_status ?? { from: 200, to: 200 },
      interval: check.interval ?? 10_000,
      timeout: check.timeout ?? 5000,
      failure_threshold: check.failure_threshold ?? 3,
      success_threshold: check.success_threshold ?? 2,
      by: check.by ?? 'instance',
    };
  });
}
