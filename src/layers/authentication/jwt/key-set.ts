import { GatewayError } from '../../../http/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../telemetry/log.ts';
import type { Algorithm } from './algorithms.ts';
import type { JwtConfig } from './config.ts';
import { FetchFailed, fetchJwks } from './fetch-jwks.ts';
import type { JwtMetrics } from './metrics.ts';
import { readPublishedKeys } from './published-keys.ts';
import { type LoadJose, publicVerificationKey, type VerificationKey } from './verification-key.ts';

/** ms. */
export type KeySetTimes = Pick<JwtConfig, 'jwks_max_age' | 'jwks_cooldown' | 'jwks_timeout'>;

export interface KeySetTools {
  readonly clock: Clock;
  readonly metrics: Pick<JwtMetrics, 'fetches'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly load: LoadJose;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** So many keys are tried for one token: more for a name, or without one, is somebody else's fault. */
const MOST_TRIED = 8;
/** ms, doubled with each failure up to the cooldown. */
const FIRST_RETRY = 1000;

/**
 * The keys that one URL publishes. Fetched when first needed, then again before they are older than `jwks_max_age`; and, for a
 * token whose key is not among them, at most once in `jwks_cooldown`. One fetch at a time.
 *
 * While the URL cannot be had the known keys go on being used, until a fetch succeeds and says otherwise; a key that it does
 * not list is gone at once. It is asked again after 1 s, 2 s, 4 s … up to the cooldown, whatever clients send.
 */
export class KeySet {
  private readonly uri: string;
  private readonly tools: KeySetTools;
  private times: KeySetTimes;
  private keys: ReadonlyMap<string, VerificationKey> = new Map();
  private failures = 0;
  /** Monotonic ms before which a token starts no fetch. */
  private notBefore = Number.NEGATIVE_INFINITY;
  private settledAt = 0;
  private loading: Promise<void> | undefined;
  private stopTimer: (() => void) | undefined;
  private readonly gone = new AbortController();
  private dropped = false;

  constructor(uri: string, times: KeySetTimes, tools: KeySetTools) {
    this.uri = uri;
    this.times = times;
    this.tools = tools;
  }

  /** Takes the times of a new configuration. */
  tune(times: KeySetTimes): void {
    this.times = times;
    if (this.stopTimer !== undefined) this.schedule();
  }

  /** The known keys for a token: of its name, or, when it names none, all of the algorithm. Bounded. */
  find(algorithm: Algorithm, kid: string | undefined): VerificationKey[] {
    const found: VerificationKey[] = [];
    for (const key of this.keys.values()) {
      if (!key.fits(algorithm) || (kid !== undefined && key.kid !== kid)) continue;
      if (found.push(key) === MOST_TRIED) break;
    }
    return found;
  }

  /**
   * For a token whose key is not known: fetches the keys, if it is time for that.
   * @throws GatewayError `identity_unavailable` when they cannot be had, so that nobody knows whether it is good
   */
  async refresh(): Promise<void> {
    if (this.tools.clock.now() >= this.notBefore) await this.fetch();
    else await this.settled();
    if (this.failures > 0) throw this.unavailable();
  }

  /** The fetch that is under way, if there is one, has ended. Never rejects. */
  async settled(): Promise<void> {
    await this.loading;
  }

  /** Gets the keys, or joins who is getting them. Never rejects: it is known how it went. */
  fetch(): Promise<void> {
    this.loading ??= this.load().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  /**
   * Nobody keeps it fresh from now on, so what it has verified is believed no longer. Who still holds it, for requests that are
   * under way, may go on asking.
   */
  drop(): void {
    this.dropped = true;
    this.stopTimer?.();
    this.stopTimer = undefined;
    for (const key of this.keys.values()) key.live = false;
  }

  close(): void {
    this.drop();
    this.gone.abort();
  }

  private async load(): Promise<void> {
    const { clock, metrics, logger } = this.tools;
    try {
      const published = readPublishedKeys(await fetchJwks(this.uri, this.times.jwks_timeout, clock, this.gone.signal));
      if (published === undefined) throw new FetchFailed('malformed', 'not a JWK set');
      this.take(published.map((key) => [key.identity, publicVerificationKey(key.jwk, key.algorithms, this.tools.load, key.kid)]));
      metrics.fetches.ok.value += 1;
      if (this.failures > 0) logger.info({ uri: this.uri, keys: this.keys.size }, 'jwks fetched again');
      else if (this.keys.size === 0) logger.warn({ uri: this.uri }, 'jwks has no key that can verify a token');
      this.failures = 0;
    } catch (error) {
      const { failure, message } = error instanceof FetchFailed ? error : new FetchFailed('malformed', String(error));
      metrics.fetches[failure].value += 1;
      if (this.failures === 0 && !this.gone.signal.aborted)
        logger.warn({ uri: this.uri, reason: message, keys: this.keys.size }, 'jwks fetch failed');
      this.failures += 1;
    }
    this.settledAt = clock.now();
    this.notBefore = this.settledAt + (this.failures > 0 ? this.retryAfter() : this.times.jwks_cooldown);
    this.schedule();
  }

  /** Keys that stay are the same objects as before, with all that they have verified. */
  private take(published: (readonly [string, VerificationKey])[]): void {
    const next = new Map(published.map(([identity, key]) => [identity, this.keys.get(identity) ?? key]));
    for (const [identity, key] of this.keys) if (!next.has(identity)) key.live = false;
    if (this.dropped) for (const key of next.values()) key.live = false;
    this.keys = next;
  }

  /** Not all of a fleet at the same time. */
  private schedule(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    if (this.dropped) return;
    const { clock, random } = this.tools;
    const wait = this.failures > 0 ? this.retryAfter() : this.times.jwks_max_age * (0.7 + 0.2 * random());
    this.stopTimer = clock.after(Math.max(this.settledAt + wait - clock.now(), 0), () => void this.fetch());
  }

  private retryAfter(): number {
    return Math.min(FIRST_RETRY * 2 ** Math.min(this.failures - 1, 30), this.times.jwks_cooldown);
  }

  private unavailable(): GatewayError {
    const error = new GatewayError('identity_unavailable', 'The keys of the identity provider cannot be had');
    error.retryAfter = Math.max(Math.ceil((this.notBefore - this.tools.clock.now()) / 1000), 1);
    return error;
  }
}
