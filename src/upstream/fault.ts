import type { ErrorCode } from '../http/errors.ts';

/** How an upstream failed an attempt, in the words of `retry.on` and `failure_on`. */
export type Fault = 'connect' | 'reset' | 'timeout';

const FAULTS: Partial<Record<ErrorCode, Fault>> = {
  upstream_connect: 'connect',
  upstream_connect_timeout: 'connect',
  upstream_reset: 'reset',
  upstream_invalid_reply: 'reset',
  upstream_timeout: 'timeout',
  route_timeout: 'timeout',
};

/** Undefined for errors that say nothing about the upstream: a client that went away, a full queue of ours. */
export function faultOf(code: ErrorCode): Fault | undefined {
  return FAULTS[code];
}
