import type { Outcome } from '../../http/exchange.ts';
import type { Entry } from './entry.ts';

/** How a request becomes one line. */
export interface Line {
  /** Fields of the request that it names, in lower case: noted when the request comes. */
  readonly requestFields: readonly string[];
  /** Complete, in ASCII, with its line end. */
  write(entry: Entry, outcome: Outcome): string;
}
