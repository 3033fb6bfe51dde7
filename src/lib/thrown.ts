import { inspect } from 'node:util';

/** What somebody else's code has thrown, in one line for a message: it may be anything, even what cannot be made a text. */
export function thrownText(thrown: unknown): string {
  return thrown instanceof Error
    ? `${thrown.name}: ${thrown.message}`
    : inspect(thrown, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
}
