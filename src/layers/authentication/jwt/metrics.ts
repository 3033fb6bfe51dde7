import type { Counter } from '../../../lib/cell.ts';
import type { Metrics } from '../../../telemetry/metrics.ts';
import { FETCH_FAILURES, type FetchFailure } from './fetch-jwks.ts';

/** A token was verified, was known as good, was refused, or could not be verified because its key could not be had. */
const OUTCOMES = ['valid', 'cached', 'refused', 'unavailable'] as const;
type Outcome = (typeof OUTCOMES)[number];

export interface JwtMetrics {
  readonly verifications: Readonly<Record<Outcome, Counter>>;
  readonly fetches: Readonly<Record<FetchFailure | 'ok', Counter>>;
  /** Shows how many tokens are known as good. Call once. */
  cached(read: () => number): void;
}

/** One for an instance. */
export function jwtMetrics(metrics: Metrics): JwtMetrics {
  const verifications = metrics.counter(
    'gateway_jwt_verifications_total',
    'Tokens that requests have shown, by what came of it.',
  );
  const fetches = metrics.counter('gateway_jwks_fetches_total', 'Fetches of key sets (JWKS), by how they ended.');
  const cells = <Name extends string>(family: typeof fetches, names: readonly Name[]) =>
    Object.fromEntries(names.map((outcome) => [outcome, family.cell({ outcome })])) as Record<Name, Counter>;
  return {
    verifications: cells(verifications, OUTCOMES),
    fetches: cells(fetches, ['ok', ...FETCH_FAILURES]),
    cached: (read) => metrics.gauge('gateway_jwt_cached_tokens', 'Tokens that are known as good.', () => [[{}, read()]]),
  };
}
