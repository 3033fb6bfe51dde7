import { randomBytes } from 'node:crypto';

/** One thread that serves, from its start to its end: the same one never comes back. */
export interface Instance {
  /** The whole id: what others know it by. */
  readonly id: string;
  /** The configured instance_id: stays the same over starts, and all threads of a process have it. */
  readonly machine: string;
  /** Random, 16 hex digits: another one for each start. */
  readonly nonce: string;
  /** From 0. */
  readonly thread: number;
}

const NONCE_BYTES = 8;
/** Read from its end: a machine may have slashes in its name. */
const ID = /^([^\s{}\p{Cc}]{1,128})\/([0-9a-f]{16})\/(0|[1-9][0-9]{0,3})$/u;

/**
 * @param machine as the configuration gives it, or the name of the host
 * @param thread 0 to 9999
 * @param nonce the same for all threads of a process
 */
export function newInstance(machine: string, thread: number, nonce: string = newNonce()): Instance {
  return Object.freeze({ id: `${machine}/${nonce}/${thread}`, machine, nonce, thread });
}

export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('hex');
}

/** @returns undefined for anything that {@link newInstance} would not have made */
export function parseInstance(id: string): Instance | undefined {
  const parts = ID.exec(id);
  return parts === null ? undefined : newInstance(parts[1] as string, Number(parts[3]), parts[2] as string);
}
