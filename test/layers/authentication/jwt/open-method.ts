import type { GatewayError } from '../../../../src/http/errors.ts';
import type { Exchange } from '../../../../src/http/exchange.ts';
import { Headers } from '../../../../src/http/headers.ts';
import type { Identity } from '../../../../src/http/identity.ts';
import type { Hiding } from '../../../../src/layers/authentication/hiding.ts';
import { type JwtConfig, jwtSchema } from '../../../../src/layers/authentication/jwt/config.ts';
import { JwtKeys } from '../../../../src/layers/authentication/jwt/keys.ts';
import { jwtMethod } from '../../../../src/layers/authentication/jwt/method.ts';
import { jwtMetrics } from '../../../../src/layers/authentication/jwt/metrics.ts';
import type { Bounds } from '../../../../src/layers/authentication/jwt/verified-tokens.ts';
import { type Finding, isRefused } from '../../../../src/layers/authentication/method.ts';
import { deepFreeze } from '../../../../src/lib/freeze.ts';
import { Metrics } from '../../../../src/telemetry/metrics.ts';
import { exchangeOf } from '../../../support/exchanges.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { Recorder } from '../../../support/recorder.ts';

export function configOf(written: Readonly<Record<string, unknown>>): JwtConfig {
  return deepFreeze(jwtSchema.parse(written));
}

export function bearer(token: string): Exchange {
  return exchangeOf({ headers: Headers.from([['Authorization', `Bearer ${token}`]]) });
}

/** JWT verification with a time of its own, and what came of it in one word or in the words for clients. */
export class JwtRig {
  readonly clock = new ManualClock();
  readonly log = new Recorder();
  readonly registry = new Metrics();
  readonly metrics = jwtMetrics(this.registry);
  readonly keys: JwtKeys;
  method: Hiding;

  constructor(written: Readonly<Record<string, unknown>>, bounds?: Bounds) {
    const { clock, metrics, log } = this;
    const tools = { clock, metrics, logger: log.logger, random: () => 0.5 };
    this.keys = new JwtKeys(bounds === undefined ? tools : { ...tools, bounds });
    this.method = this.open(written);
  }

  /** The method of another configuration, over the same keys. */
  open(written: Readonly<Record<string, unknown>>): Hiding {
    this.method = jwtMethod(configOf(written), this);
    return this.method;
  }

  /** Seconds of the wall clock, as tokens write them. */
  get now(): number {
    return Math.floor(this.clock.wall() / 1000);
  }

  ask(token: string): Finding | Promise<Finding> {
    return this.method.identify(bearer(token));
  }

  async identity(token: string): Promise<Identity> {
    const finding = await this.ask(token);
    if (finding === undefined || isRefused(finding)) throw new Error(`no identity: ${finding?.description}`);
    return finding;
  }

  /** `valid`, why it is refused, the code of the error, or `none` where there is no credential. */
  async outcome(asked: string | Exchange): Promise<string> {
    try {
      const finding = await this.method.identify(typeof asked === 'string' ? bearer(asked) : asked);
      if (finding === undefined) return 'none';
      return isRefused(finding) ? finding.description : 'valid';
    } catch (error) {
      return (error as GatewayError).code;
    }
  }

  counts(): Record<string, number> {
    return counted(this.metrics.verifications);
  }

  fetches(): Record<string, number> {
    return counted(this.metrics.fetches);
  }
}

/** Those that are not zero. */
function counted(cells: Readonly<Record<string, { value: number }>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cells)
      .map(([name, { value }]) => [name, value] as const)
      .filter(([, value]) => value > 0),
  );
}
