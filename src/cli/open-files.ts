import { readFileSync } from 'node:fs';

/** Files, log, upstream connections that are few, and what Node.js itself has open. */
const OTHERS = 256;

/**
 * How many open files the process may have when that is too few for its client connections. The kernel then closes
 * connections that nobody ever hears of.
 * @param limits what /proc/self/limits says; absent where there is no such file
 */
export function tooFewOpenFiles(maxConnections: number, limits: string | undefined = readLimits()): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits ?? '') ?? [];
  return soft !== undefined && Number(soft) < maxConnections + OTHERS ? Number(soft) : undefined;
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return undefined;
  }
}
