import type { AlgorithmName } from '../config.ts';
import type { Demand, Standing } from '../limiter.ts';

/** Milliseconds that tokens which were taken ahead may be spent, at most. One value for the fleet. */
export const TAU = 500;
/** The shortest that is worth a lease. */
const LEAST_TAU = 100;
/** Values for each demand in a reply of the script. */
const FIELDS = 5;

const KINDS: Readonly<Record<AlgorithmName, string>> = {
  token_bucket: 'b',
  sliding_log: 'l',
  sliding_counter: 'c',
  fixed_window: 'f',
};

/**
 * How long tokens of a limit may be held ahead, in ms: so long that what is held never keeps a bucket from filling at its rate
 * (FLEET.md A7: burst ≥ 1.5·rate·τ). 0: not at all, it is asked for exactly.
 */
export function tauOf({ policy }: Pick<Demand, 'policy'>): number {
  if (!isLeasable({ policy })) return 0;
  const tau = Math.min(TAU, (policy.limit / policy.rate / 1.5) * 1000);
  return tau < LEAST_TAU ? 0 : tau;
}

/** Whether it asks for leases: it gets them unless it is too small. */
export function isLeasable({ policy }: Pick<Demand, 'policy'>): boolean {
  return policy.algorithm === 'token_bucket' && policy.mode === 'lease';
}

/** What a demand came to. */
export interface Taken {
  readonly tokens: number;
  /** Names the slice that holds them until then, in µs of Redis' clock; 0: nothing was taken ahead. */
  readonly expiry: number;
  readonly standing: Standing;
  /** Milliseconds until the cost is there (again). */
  readonly next: number;
}

export interface TakeReply {
  readonly admitted: boolean;
  readonly taken: readonly Taken[];
}

/** The arguments of the script for one demand. @param want tokens to take ahead; 0: the cost and no more */
export function argumentsOf({ policy, cost }: Demand, want: number, tau: number): (string | number)[] {
  const { algorithm, limit, rate, window } = policy;
  // A window whose length changes meanwhile counts by the new one; Redis wants whole µs.
  const micros = Math.round(window * 1000);
  const strict = isStrict(policy) ? 1 : 0;
  return [KINDS[algorithm], limit, rate, micros, cost, want, Math.round((tau || TAU) * 1000), strict];
}

/** Whether the script is to know the life of the data: only buckets can begin from empty. */
export function isStrict({ algorithm, after_lost_data }: Demand['policy']): boolean {
  return algorithm === 'token_bucket' && after_lost_data === 'strict';
}

/** @returns undefined for what is no reply of the script */
export function readReply(reply: unknown, demands: readonly Demand[]): TakeReply | undefined {
  if (!Array.isArray(reply) || reply.length !== 1 + demands.length * FIELDS) return undefined;
  const numbers = reply.map(Number);
  if (!numbers.every((number) => Number.isFinite(number) && number >= 0)) return undefined;
  const taken = demands.map(({ cost }, at): Taken => {
    const [tokens, expiry, remaining, wait, reset] = numbers.slice(1 + at * FIELDS, 1 + (at + 1) * FIELDS) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const admits = numbers[0] === 1 || remaining >= cost;
    return {
      tokens,
      expiry,
      next: wait / 1000,
      standing: { admits, remaining, wait: admits ? 0 : wait / 1000, reset: reset / 1000 },
    };
  });
  return { admitted: numbers[0] === 1, taken };
}
