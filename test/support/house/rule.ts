import type { Source } from './source.ts';

/** What a rule says about one place. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A file that breaks a rule, and the line it is told (the first unless said). */
export type Offence = readonly [path: string, text: string, line?: number];
export type Innocent = readonly [path: string, text: string];

/** One law of the house. It carries what proves that it can fail, so that none is only for show. */
export interface Rule {
  /** Reads on after "The house: ". */
  readonly sentence: string;
  /** @param tree the paths of all files */
  check(source: Source, tree: ReadonlySet<string>): Iterable<Finding>;
  readonly offends: readonly [Offence, ...Offence[]];
  readonly allows: readonly [Innocent, ...Innocent[]];
}

export function finding(source: Source, line: number, message: string): Finding {
  return { path: source.path, line, message };
}

/** As the failing test shows it: an editor jumps to it. */
export function show({ path, line, message }: Finding): string {
  return `${path}:${line} ${message}`;
}
