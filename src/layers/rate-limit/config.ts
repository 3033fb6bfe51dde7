import { z } from 'zod';
import { isGlobal } from '../../http/counting-key.ts';
import { KEYS, type Keys, keysUse, parseKeys, resolveTenant } from '../../http/exchange-key.ts';
import { templateParams } from '../../http/template.ts';
import { choice, duration, field, integer, name, quote, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

const ALGORITHMS = ['token_bucket', 'sliding_window', 'fixed_window'] as const;
const STYLES = ['ratelimit', 'x-ratelimit'] as const;
/** Micro-tokens of a bucket are whole numbers that a double holds. */
const MOST = 1_000_000_000;
/** Up to this many, a sliding window remembers each request; beyond, it counts two windows. */
const LOGGED = 1000;

/** The machine that does it: a sliding window is one of two, by the size of its limit. */
export type AlgorithmName = 'token_bucket' | 'sliding_log' | 'sliding_counter' | 'fixed_window';

/** `100`, `0.5`, also in quotes: that is how variables arrive. */
const perSecond = field(
  z.union([z.number().meta({ exclusiveMinimum: 0, maximum: MOST }), z.string()], { error: 'must be a number above 0' }),
  (written) => {
    const number = typeof written === 'string' && /^\d*\.?\d+$/.test(written) ? Number(written) : written;
    return typeof number === 'number' && number >= 1e-6 && number <= MOST
      ? number
      : new Wrong(
          `not a rate: ${quote(written)}`,
          `a number above 0, at most ${MOST}; slower than one an hour: limit and window`,
        );
  },
);

const keys = field(
  z.union([z.string(), z.array(z.string())], { error: `must be a key or a list of keys: ${KEYS}` }),
  (written): Keys | Wrong => {
    const keys = parseKeys(written, { form: true });
    return typeof keys === 'string' ? new Wrong(keys, KEYS) : keys;
  },
);

const styles = z
  .array(choice(STYLES))
  .refine((list) => new Set(list).size === list.length, { error: 'a style stands there twice' });

const shape = {
  requests_per_second: perSecond.optional().describe('How fast a token bucket fills. May be a fraction.'),
  burst: integer(1, MOST)
    .optional()
    .describe('How many a full token bucket holds. Default: requests_per_second rounded up, at least cost; or limit.'),
  algorithm: choice(ALGORITHMS).prefault('token_bucket').describe('How it counts.'),
  limit: integer(1, MOST).optional().describe('How many a window lets through.'),
  window: duration().optional().describe('How long the window is. For a token bucket: in which limit flows in.'),
  cost: integer(1, MOST).prefault(1).describe('What one request takes.'),
  mode: choice(['lease', 'exact'])
    .prefault('lease')
    .describe('With Redis: from tokens taken ahead, or by asking at each request.'),
  when_redis_is_down: choice(['local', 'open', 'closed'])
    .prefault('local')
    .describe('With Redis: what holds while it is away: a share of the limit, no limit, or nobody passes.'),
  after_lost_data: choice(['full', 'strict'])
    .prefault('full')
    .describe('With Redis: whether buckets are full or empty after it has lost its data.'),
  headers: styles
    .prefault(['ratelimit'])
    .describe('How clients are told: ratelimit (RateLimit, RateLimit-Policy), x-ratelimit (X-RateLimit-*). Empty: not at all.'),
};

const written = z.object(shape);
type Written = z.output<typeof written> & { name: string; key: Keys };

/** A limit as the program uses it, whatever words it was written in. */
export interface ResolvedLimit {
  name: string;
  /** The first entry of which a request has all parts. */
  key: Keys;
  algorithm: AlgorithmName;
  /** Tokens that can be taken at once: the burst of a bucket, the limit of a window. */
  limit: number;
  /** Tokens a second, on average. */
  rate: number;
  /** Milliseconds: of a window its length, of a bucket the time in which it fills. */
  window: number;
  /** Tokens a request takes, at most `limit`. */
  cost: number;
  mode: Written['mode'];
  when_redis_is_down: Written['when_redis_is_down'];
  after_lost_data: Written['after_lost_data'];
  headers: Written['headers'];
}

export type RateLimitConfig = Frozen<ResolvedLimit>;

type Complain = (path: string, message: string, expected?: string) => void;

function resolve(limit: Written, context: z.core.$RefinementCtx): ResolvedLimit {
  let wrong = false;
  const complain: Complain = (path, message, expected) => {
    wrong = true;
    context.addIssue({ code: 'custom', path: [path], message, params: { expected } });
  };
  const sizes = limit.algorithm === 'token_bucket' ? bucketSizes(limit, complain) : windowSizes(limit, complain);
  if (!wrong && limit.cost > sizes.limit)
    complain('cost', `one request takes ${limit.cost} and there are never more than ${sizes.limit}: it would always be refused`);
  if (wrong) return z.NEVER;
  const { name, key, cost, mode, when_redis_is_down, after_lost_data, headers } = limit;
  return { name, key, ...sizes, cost, mode, when_redis_is_down, after_lost_data, headers };
}

type Sizes = Pick<ResolvedLimit, 'algorithm' | 'limit' | 'rate' | 'window'>;

function bucketSizes(written: Written, complain: Complain): Sizes {
  const { requests_per_second: perSecond, limit, window, burst, cost } = written;
  const words = 'requests_per_second, or limit and window';
  if (perSecond !== undefined) {
    for (const word of ['limit', 'window'] as const)
      if (written[word] !== undefined) complain(word, 'stands beside requests_per_second: each says how fast it fills', words);
  } else if (limit === undefined) {
    complain(window === undefined ? 'requests_per_second' : 'limit', 'missing: nothing says how many', words);
  } else if (window === undefined) complain('window', `missing: nothing says in which time ${limit} flow in`, words);
  const rate = perSecond ?? ((limit ?? 1) * 1000) / (window ?? 1000);
  const most = burst ?? limit ?? Math.max(Math.ceil(rate), cost);
  return { algorithm: 'token_bucket', limit: most, rate, window: (most / rate) * 1000 };
}

function windowSizes(written: Written, complain: Complain): Sizes {
  const { algorithm, limit = 1, window = 1000 } = written;
  for (const word of ['requests_per_second', 'burst'] as const)
    if (written[word] !== undefined) complain(word, `a ${algorithm} has no ${word}`, 'limit and window');
  for (const word of ['limit', 'window'] as const)
    if (written[word] === undefined) complain(word, `missing: a ${algorithm} has one`, 'limit and window');
  // rate-limiter-flexible counts in whole seconds: 1500ms would become 1s, and 500ms would never end.
  if (algorithm === 'fixed_window' && window % 1000 !== 0) complain('window', `${window}ms is not a whole number of seconds`);
  const sliding = limit > LOGGED ? 'sliding_counter' : 'sliding_log';
  return { algorithm: algorithm === 'fixed_window' ? algorithm : sliding, limit, rate: (limit * 1000) / window, window };
}

const keyOf = (standard: string) =>
  keys.prefault(standard).describe('What is counted apart: one key, or a list of which the first present counts.');
const limitName = () => name().describe('Its name in messages, fields and metrics, and of its buckets.');

/** `routes.*.rate_limits`, and those of consumers. */
function limits(standardKey: string) {
  const limit = z.strictObject({ name: limitName(), key: keyOf(standardKey), ...shape });
  return z.array(limit.transform(resolve)).superRefine((list, context) => {
    list.forEach((one, at) => {
      const before = list.findIndex((other) => other.name === one.name);
      if (before < at) context.addIssue({ code: 'custom', path: [at, 'name'], message: `${quote(one.name)} stands there twice` });
    });
  });
}

export const rateLimitsSchema = limits('ip');

/** Of one consumer. Its buckets are its own on all routes; by default there is one. */
export const consumerRateLimitsSchema = limits('consumer');

/** `middleware.rate_limiting`: one limit that all routes share which name it. */
export const rateLimitingSchema = z
  .strictObject({ name: limitName().prefault('rate_limiting'), key: keyOf('ip'), ...shape })
  .transform(resolve);

/** How limits see addresses. */
export const ipKeySchema = z.strictObject({
  ipv6_prefix: integer(1, 128).prefault(64).describe('Leading bits of an IPv6 address that count as one client.'),
});

/** What counts, or keeps together, by keys. */
export interface Keyed {
  readonly key: Keys;
}

export function needsTenant({ key }: Keyed): boolean {
  return keysUse(key, 'tenant');
}

/** With what a tenant is read from in the place of `tenant`. */
export function withTenant<Limit extends Keyed>(limit: Limit, source: Parameters<typeof resolveTenant>[1]): Limit {
  return needsTenant(limit) ? { ...limit, key: resolveTenant(limit.key, source) } : limit;
}

/** Whether all routes that have a limit of its name share its buckets. */
export function isShared({ key }: Keyed): boolean {
  return isGlobal(key);
}

/** The parameters of the path that a key names in templates: a route must have them. */
export function keyParams({ key }: Keyed): string[] {
  return key.flat().flatMap((part) => (part.from === 'template' ? templateParams(part.text) : []));
}
