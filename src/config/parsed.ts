import type { Finding, Locate } from './config-error.ts';

/** Blocks and lists within each other. No document needs more, and whoever walks one may recurse. */
export const MAX_DEPTH = 32;

/** A text as plain objects, lists, strings, numbers, booleans and null. */
export interface Parsed {
  readonly value: unknown;
  /** Variables that could not be put in: their places still hold what was written. */
  readonly findings: readonly Finding[];
  readonly locate: Locate;
}
