import { type Path, pathText } from './path.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** As in `routes[3].path`; empty for the document as a whole. */
  readonly path: string;
  /** Where it was written, if not in the file that the error names: an included file, a variable, an option. */
  readonly source?: string;
  /** Counted from 1; absent when the document did not come from a text. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  /** What would be right. */
  readonly expected?: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** A problem before its place in the text is known. */
export interface Finding {
  readonly path: Path;
  /** True: the key is wrong, not its value. */
  readonly atKey?: boolean;
  /** As a function: with the names of other parts of the document, which may stand in other files. */
  readonly message: string | ((nameOf: (path: Path) => string) => string);
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** Counted from 1; absent where it is not known. */
export interface Place {
  readonly line?: number;
  readonly column?: number;
}

/** Where a part of a document was written. */
export interface Origin extends Place {
  /** As in {@link Problem.source}. */
  readonly source?: string;
  /** The way to the part in what was written there, when that is not the way to it in the document. */
  readonly path?: Path;
}

/** Says where a value, or its key, was written; of one that is not there, its nearest parent. */
export type Locate = (path: Path, atKey?: boolean) => Origin;

const NOWHERE: Locate = () => ({});

/** @param file where it is when `locate` says nothing else */
export function toProblem(finding: Finding, locate = NOWHERE, file?: string): Problem {
  const { path, message, expected, suggestion } = finding;
  const { path: written = path, ...place } = locate(path, finding.atKey);
  const nameOf = (other: Path): string => {
    const { path: there = other, source, line, column } = locate(other);
    const name = pathText(there);
    return source === place.source ? name : `${name} (${[source ?? file, line, column].filter(isKnown).join(':')})`;
  };
  return {
    path: pathText(written),
    ...place,
    message: typeof message === 'string' ? message : message(nameOf),
    ...(expected !== undefined && { expected }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** A configuration that cannot be used, with all that is wrong with it. The message has one line per problem. */
export class ConfigError extends Error {
  readonly file: string | undefined;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], file?: string, cause?: unknown) {
    super(problems.map((problem) => formatProblem(problem, file)).join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'ConfigError';
    this.file = file;
    this.problems = problems;
  }
}

/** Controls, line ends of Unicode, and what turns the direction of a text round. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * `file:line:column: path: message`, as editors and terminals find it, in one line; what is not known is left out. What the
 * document brings in cannot move a terminal's cursor.
 */
export function formatProblem(problem: Problem, file?: string): string {
  return compose(problem, file).replace(UNPRINTABLE, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

function compose(problem: Problem, file?: string): string {
  const { path, source = file, line, column, message, expected, suggestion } = problem;
  const place = [source, line, column].filter(isKnown).join(':');
  const text = [place, path, message].filter((part) => part !== '').join(': ');
  return `${text}${expected === undefined ? '' : `; expected ${expected}`}${suggestion === undefined ? '' : `; did you mean ${JSON.stringify(suggestion)}?`}`;
}

function isKnown<T>(part: T | undefined): part is T {
  return part !== undefined;
}
