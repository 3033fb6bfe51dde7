import type { Reply } from '../../http/reply.ts';
import type { RateLimitConfig } from './config.ts';
import type { Standing } from './limiter.ts';

/** How a limit is told to clients: in requests, however many tokens one takes. */
export interface Announced {
  readonly config: RateLimitConfig;
  /** Unique among those that are told together. */
  readonly label: string;
}

/** `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10 §4.1): how many requests in which time, for each limit. */
export function policyField(limits: readonly Announced[]): string {
  return limits
    .map(({ config, label }) => `"${label}";q=${requests(config.limit, config)};w=${Math.max(1, seconds(config.window))}`)
    .join(', ');
}

/**
 * `RateLimit` (§4.2): how many are left, and the seconds until the limit is there in full; for one that refuses, until it
 * would not, which is what `Retry-After` says too.
 */
export function standingField(limits: readonly Announced[], standings: readonly Standing[]): string {
  let field = '';
  limits.forEach(({ config, label }, at) => {
    const { remaining, admits, wait, reset } = standings[at] as Standing;
    const until = seconds(admits ? reset : wait);
    field += `${at === 0 ? '' : ', '}"${label}";r=${requests(remaining, config)};t=${until}`;
  });
  return field;
}

/** `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds), of the limit that has the fewest requests left. */
export function setOldFields({ headers }: Reply, limits: readonly Announced[], standings: readonly Standing[]): void {
  let tightest = 0;
  const left = (at: number) => requests((standings[at] as Standing).remaining, (limits[at] as Announced).config);
  for (let at = 1; at < limits.length; at++) if (left(at) < left(tightest)) tightest = at;
  const { admits, wait, reset } = standings[tightest] as Standing;
  const { config } = limits[tightest] as Announced;
  for (const name of ['limit', 'remaining', 'reset']) headers.remove(`x-ratelimit-${name}`);
  headers.add('X-RateLimit-Limit', String(requests(config.limit, config)));
  headers.add('X-RateLimit-Remaining', String(left(tightest)));
  headers.add('X-RateLimit-Reset', String(seconds(admits ? reset : wait)));
}

function requests(tokens: number, { cost }: RateLimitConfig): number {
  return Math.floor(tokens / cost);
}

/** Less than this is no time, but what a division left over: it must not make a second more. */
const NO_TIME = 0.01;

/** Rounded up: who comes back then is not too early. */
export function seconds(ms: number): number {
  return Math.max(0, Math.ceil((ms - NO_TIME) / 1000));
}
