import type { CircuitConfig } from './config.ts';

/** The numbers of a policy that the machine goes by. */
export type MachinePolicy = Pick<
  CircuitConfig,
  | 'failure_threshold'
  | 'consecutive_failures'
  | 'error_ratio'
  | 'min_requests'
  | 'window'
  | 'open_for'
  | 'half_open_requests'
  | 'success_threshold'
>;

/** What the window holds: attempts that were judged, and those of them that failed. */
export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

/** In use. `inARow` counts failures since the last success. */
interface Closed {
  readonly name: 'closed';
  readonly inARow: number;
}

/** Left alone since `at`, in ms. */
interface Open {
  readonly name: 'open';
  readonly at: number;
  readonly reason: string;
}

/** Tried by a few requests. `out` are the places that trials hold. */
interface HalfOpen {
  readonly name: 'half_open';
  readonly out: number;
  readonly successes: number;
}

/**
 * The states of a circuit, and nothing but: each function takes one and returns the next, the same object where nothing
 * changes. Whoever holds it keeps the time, the window, and apart the permits of different states.
 */
export type Machine = Closed | Open | HalfOpen;

export const CLOSED: Machine = Object.freeze({ name: 'closed', inARow: 0 });
const UNTRIED: Machine = Object.freeze({ name: 'half_open', out: 0, successes: 0 });

/** How long an open circuit is left alone yet, in ms; 0 for others. */
export function waitOf(machine: Machine, { open_for }: MachinePolicy, now: number): number {
  return machine.name === 'open' ? Math.max(0, machine.at + open_for - now) : 0;
}

/** Time has passed. */
export function timed(machine: Machine, policy: MachinePolicy, now: number): Machine {
  return machine.name === 'open' && waitOf(machine, policy, now) === 0 ? UNTRIED : machine;
}

export function admits(machine: Machine, { half_open_requests }: MachinePolicy): boolean {
  if (machine.name === 'half_open') return machine.out < half_open_requests;
  return machine.name === 'closed';
}

/** An attempt begins, for which {@link admits} was true. */
export function entered(machine: Machine): Machine {
  return machine.name === 'half_open' ? { ...machine, out: machine.out + 1 } : machine;
}

/** A trial has its place no more, without a verdict. */
export function givenBack(machine: Machine): Machine {
  return machine.name === 'half_open' ? { ...machine, out: machine.out - 1 } : machine;
}

/** @param held whether its trial still has its place */
export function succeeded(machine: Machine, policy: MachinePolicy, held: boolean): Machine {
  if (machine.name === 'closed') return machine.inARow === 0 ? machine : CLOSED;
  if (machine.name === 'open') return machine;
  const successes = machine.successes + 1;
  if (successes >= policy.success_threshold) return CLOSED;
  return { name: 'half_open', out: machine.out - (held ? 1 : 0), successes };
}

/** @param counts of the window, this failure among them. Asked for while closed only */
export function failed(machine: Machine, policy: MachinePolicy, cause: string, counts: () => Counts, now: number): Machine {
  if (machine.name === 'open') return machine;
  if (machine.name === 'half_open') return { name: 'open', at: now, reason: `a trial failed: ${cause}` };
  const inARow = machine.inARow + 1;
  const trigger = triggerOf(policy, inARow, counts);
  if (trigger === undefined) return { name: 'closed', inARow };
  return { name: 'open', at: now, reason: `${trigger}, the last: ${cause}` };
}

function triggerOf(policy: MachinePolicy, inARow: number, counts: () => Counts): string | undefined {
  const { consecutive_failures, failure_threshold, error_ratio, min_requests, window } = policy;
  if (consecutive_failures > 0 && inARow >= consecutive_failures) return `${inARow} failures in a row`;
  if (failure_threshold === 0 && error_ratio === 0) return undefined;
  const { failures, requests } = counts();
  if (failure_threshold > 0 && failures >= failure_threshold) return `${failures} failures within ${window / 1000}s`;
  const ratio = failures / requests;
  if (error_ratio === 0 || requests < min_requests || ratio < error_ratio) return undefined;
  return `${Math.round(ratio * 1000) / 10}% of ${requests} requests within ${window / 1000}s failed`;
}
