import { type CircuitConfig, circuitSchema } from '../../../src/upstream/circuits/config.ts';

/** A policy in the words of users: 3 failures within 10 s open for 5 s, then 2 trials at a time, 2 of which must go well. */
export function policyOf(written: Record<string, unknown> = {}): CircuitConfig {
  return circuitSchema.parse({
    failure_threshold: 3,
    window: '10s',
    open_for: '5s',
    half_open_requests: 2,
    success_threshold: 2,
    ...written,
  });
}
