import { z } from 'zod';
import { duration, field, integer, quote, size, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';
import { cause } from '../cause.ts';

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'];

const method = field(z.string(), (text) =>
  /^[A-Z]+$/.test(text) ? text : new Wrong(`not a method: ${quote(text)}`, undefined, text.toUpperCase()),
);

const backoff = z.strictObject({
  base: duration(0).prefault('25ms').describe('The first wait is anything up to this; it doubles with each try.'),
  max: duration(0).prefault('1s').describe('No wait is longer.'),
});

export const retrySchema = z.strictObject({
  max_retries: integer(0, 10).optional().describe('Tries after the first. Default: retries.'),
  on: z.array(cause('a retry')).prefault(['connect', 'reset', '502', '503', '504']).describe('What is tried again.'),
  methods: z
    .array(method)
    .prefault(METHODS)
    .describe('For which methods. A request that never reached an upstream is tried again whatever its method.'),
  per_try_timeout: duration()
    .optional()
    .describe('How long one try may take to the head of its reply. Default: no limit but the others.'),
  backoff: backoff.prefault({}).describe('Waits between tries, drawn at random.'),
  body_limit: size(0, 16 * 1024 ** 2)
    .prefault('64KB')
    .describe('Requests with larger bodies are not sent again.'),
});

/** `100ms`, or `p95`: the time within which 95 % of the replies came. */
const after = field(z.string(), (text): { readonly ms: number } | { readonly percentile: number } | Wrong => {
  const [, percentile] = /^p(\d{1,2}(?:\.\d)?)$/.exec(text) ?? [];
  if (percentile !== undefined && Number(percentile) > 0) return { percentile: Number(percentile) / 100 };
  const ms = duration().safeParse(text);
  return ms.success ? { ms: ms.data } : new Wrong(`neither a time nor a percentile: ${quote(text)}`, '100ms or p95');
});

export const hedgeSchema = z.strictObject({
  after: after.describe('How long a try may be silent before another upstream is asked too: a time, or a measured percentile.'),
  max: integer(1, 5).prefault(1).describe('Further upstreams that are asked.'),
});

/** When and how a request is sent again. Times are milliseconds. */
export type RetryConfig = Frozen<Omit<z.output<typeof retrySchema>, 'max_retries'> & { max_retries: number }>;
export type HedgeConfig = Frozen<z.output<typeof hedgeSchema>>;

/** @param retries the short form; `max_retries` wins */
export function finishRetry(written: z.output<typeof retrySchema> | undefined, retries: number): RetryConfig {
  const retry = written ?? retrySchema.parse({});
  return { ...retry, max_retries: retry.max_retries ?? retries };
}
