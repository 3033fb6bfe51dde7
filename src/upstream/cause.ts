import { z } from 'zod';
import { field, quote, Wrong } from '../lib/fields.ts';
import type { Fault } from './fault.ts';

const KINDS = ['connect', 'reset', 'timeout', '5xx'] as const;

/** What `retry.on` and `failure_on` list: a fault, all statuses from 500 on, or one status. */
export type Cause = (typeof KINDS)[number] | number;

/** @param purpose what it is a cause for, in words */
export function cause(purpose: string) {
  return field(z.union([z.string(), z.number()]), (written): Cause | Wrong => {
    const known = KINDS.find((one) => one === written);
    if (known !== undefined) return known;
    return /^[45]\d\d$/.test(String(written))
      ? Number(written)
      : new Wrong(`not a cause for ${purpose}: ${quote(written)}`, `${KINDS.join(', ')}, or a status such as 503`);
  });
}

/**
 * Whether a list has what became of an attempt.
 * @param fault undefined: there was none
 * @param status of the reply, or of the error in its place
 */
export function isCause(causes: readonly Cause[], fault: Fault | undefined, status: number): boolean {
  return (fault !== undefined && causes.includes(fault)) || causes.includes(status) || (status >= 500 && causes.includes('5xx'));
}
