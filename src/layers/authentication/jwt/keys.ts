import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../telemetry/log.ts';
import type { JwtConfig } from './config.ts';
import { KeySet, type KeySetTimes, type KeySetTools } from './key-set.ts';
import type { JwtMetrics } from './metrics.ts';
import type { LoadJose } from './verification-key.ts';
import { type Bounds, VerifiedTokens } from './verified-tokens.ts';

/** Of an instance, whatever its configurations. */
const BOUNDS: Bounds = { entries: 50_000, bytes: 64 * 1024 ** 2 };

export interface JwtKeysTools {
  readonly clock: Clock;
  readonly metrics: JwtMetrics;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly random?: () => number;
  readonly bounds?: Bounds;
}

/** What JWT verification must not lose with a configuration: the key sets, by URL, and the tokens that were found good. */
export class JwtKeys {
  readonly tokens: VerifiedTokens;
  /** jose, from its first use on: a gateway that verifies no tokens does without. */
  readonly load: LoadJose;
  private readonly tools: KeySetTools;
  private readonly sets = new Map<string, KeySet>();

  constructor({ clock, metrics, logger, random = Math.random, bounds = BOUNDS }: JwtKeysTools) {
    let jose: ReturnType<LoadJose> | undefined;
    this.load = () => {
      jose ??= import('jose');
      return jose;
    };
    this.tools = { clock, metrics, logger, random, load: this.load };
    this.tokens = new VerifiedTokens(bounds);
    metrics.cached(() => this.tokens.size);
  }

  /** The keys of `jwks_uri`: the same set for every configuration that names it. Fetches nothing yet. */
  open(uri: string, times: KeySetTimes): KeySet {
    let set = this.sets.get(uri);
    if (set === undefined) {
      set = new KeySet(uri, times, this.tools);
      this.sets.set(uri, set);
    } else set.tune(times);
    return set;
  }

  /** Gets ready for the first token in the background. Nothing happens when that fails, but for a line in the log. */
  async warm(config: JwtConfig): Promise<void> {
    if (config.jwks_uri !== undefined) await this.open(config.jwks_uri, config).fetch();
    await this.load();
  }

  /** Forgets the sets of all other URLs, and what they have verified: call it when a configuration has taken another's place. */
  keep(uris: ReadonlySet<string>): void {
    for (const [uri, set] of this.sets) {
      if (uris.has(uri)) continue;
      this.sets.delete(uri);
      set.drop();
    }
  }

  /** Stops fetching. Who still waits for keys is told that they cannot be had. */
  close(): void {
    for (const set of this.sets.values()) set.close();
    this.sets.clear();
    this.tokens.clear();
  }
}
