import type { Config } from '../config/document.ts';
import { JwtKeys } from '../layers/authentication/jwt/keys.ts';
import { jwtMetrics } from '../layers/authentication/jwt/metrics.ts';
import { weakSecret } from '../layers/authentication/jwt/secret.ts';
import { authMetrics } from '../layers/authentication/metrics.ts';
import { Passwords } from '../layers/authentication/passwords.ts';
import { compressionMetrics } from '../layers/compression/metrics.ts';
import { concurrencyMetrics } from '../layers/concurrency/metrics.ts';
import { ipAccessMetrics } from '../layers/ip-access/metrics.ts';
import type { RateLimitConfig } from '../layers/rate-limit/config.ts';
import { rateLimitMetrics } from '../layers/rate-limit/metrics.ts';
import { webSocketMetrics } from '../layers/web-socket/metrics.ts';
import { Notice } from '../lib/notice.ts';
import type { Wheel } from '../lib/wheel.ts';
import type { SharedState } from '../shared/shared-state.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What the layers of an instance are made of and outlives its configurations. */
export type LayerParts = ReturnType<typeof openLayerParts>;

export interface LayerTools {
  readonly wheel: Wheel;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly shared: Pick<SharedState, 'limiter' | 'concurrency'>;
}

export function openLayerParts({ wheel, logger, metrics, shared }: LayerTools) {
  const { clock } = wheel;
  const ofJwt = jwtMetrics(metrics);
  const byRoute = {
    auth: authMetrics(metrics),
    ipAccess: ipAccessMetrics(metrics),
    rateLimit: rateLimitMetrics(metrics, shared.limiter),
    concurrency: concurrencyMetrics(metrics),
    webSocket: webSocketMetrics(metrics),
  };
  const jwtKeys = new JwtKeys({ clock, metrics: ofJwt, logger });
  return {
    wheel,
    logger,
    shared,
    /** To be announced when the gateway takes no more requests. */
    draining: new Notice(clock),
    passwords: new Passwords(clock),
    jwtKeys,
    jwtMetrics: ofJwt,
    metrics: { ...byRoute, compression: compressionMetrics(metrics) },
    /**
     * A configuration has taken another's place: forgets what is of other routes and other identity providers, and gets ready
     * for the first token.
     * @param routes the labels that metrics may show
     */
    adopted(config: Config, routes: ReadonlySet<string>): void {
      const { authentication } = config.middleware;
      const limits = new Set(limitsOf(config).map(({ name }) => name));
      for (const one of Object.values(byRoute)) one.keep(routes, limits);
      const jwt = authentication?.jwt;
      jwtKeys.keep(new Set(jwt?.jwks_uri === undefined ? [] : [jwt.jwks_uri]));
      if (jwt === undefined) return;
      const weak = weakSecret(jwt);
      if (weak !== undefined) logger.warn({ problem: weak }, 'the secret of tokens is weak');
      void jwtKeys.warm(jwt);
    },
    close: () => jwtKeys.close(),
  };
}

function limitsOf({ routes, consumers, middleware: { rate_limiting } }: Config): RateLimitConfig[] {
  const written = [...routes, ...Object.values(consumers)].flatMap(({ rate_limits }) => rate_limits);
  return rate_limiting === undefined ? written : [...written, rate_limiting];
}
