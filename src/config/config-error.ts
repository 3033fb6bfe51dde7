import { type Path, pathText } from './path.ts';

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** As in `routes[3].path`; empty for the document as a whole. */
  readonly path: string;
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
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** Counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export function toProblem(finding: Finding, place?: Place): Problem {
  const { path, message, expected, suggestion } = finding;
  return {
    path: pathText(path),
    ...(place !== undefined && { line: place.line, column: place.column }),
    message,
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

/** `file:line:column: path: message`, as editors and terminals find it; what is not known is left out. */
export function formatProblem(problem: Problem, file?: string): string {
  const { path, line, column, message, expected, suggestion } = problem;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const text = [place, path, message].filter((part) => part !== '').join(': ');
  return `${text}${expected === undefined ? '' : `; expected ${expected}`}${suggestion === undefined ? '' : `; did you mean ${JSON.stringify(suggestion)}?`}`;
}
