import type * as Re2 from 're2js';
import { onDemand } from './on-demand.ts';

const re2 = onDemand<typeof Re2>('re2js');

/** Characters of a pattern, and instructions it may come to: what a match costs grows with them. */
const MOST_TEXT = 1000;
const MOST_INSTRUCTIONS = 1000;

/**
 * One class of ASCII letters, digits, `_`, `.`, `~` and `-`, or `\d` or `\w`, once or more over the whole text. There is
 * nothing in it that two engines read differently and no way to backtrack, so V8's own engine does it, 20 times faster.
 */
const ONE_CLASS = /^\^(?:\\[dw]|\[(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9_.~])+-?\])(?:\+|\{\d{1,3}(?:,\d{1,3})?\})\$$/;

/** A regular expression whose time is linear in the text, whatever the text and the expression: RE2's syntax and bounds. */
export class LinearRegex {
  readonly text: string;
  /** Of its named groups, in order of their appearance. */
  readonly names: readonly string[];
  private readonly engine: Re2.RE2JS | RegExp;

  constructor(text: string, engine: Re2.RE2JS | RegExp) {
    this.text = text;
    this.engine = engine;
    this.names = engine instanceof RegExp ? [] : Object.keys(engine.namedGroups());
  }

  /** Whether it is found anywhere in the text: `^` and `$` bind it to the whole. */
  test(text: string): boolean {
    return this.engine.test(text);
  }

  /** What its named groups hold, as name and text; those that took no part are left out. Undefined: no match. */
  groups(text: string): [string, string][] | undefined {
    if (this.engine instanceof RegExp) return this.engine.test(text) ? [] : undefined;
    const matcher = this.engine.matcher(text);
    if (!matcher.find()) return undefined;
    return this.names.flatMap((name): [string, string][] => {
      const value = matcher.group(name);
      return value === null ? [] : [[name, value]];
    });
  }
}

/** @returns the expression, or what is wrong with it */
export function linearRegex(text: string): LinearRegex | string {
  if (text.length > MOST_TEXT) return `a regular expression has at most ${MOST_TEXT} characters`;
  try {
    if (ONE_CLASS.test(text)) return new LinearRegex(text, new RegExp(text));
    const engine = re2().RE2JS.compile(text);
    if (engine.programSize() > MOST_INSTRUCTIONS) return 'the regular expression is too large: its repetitions multiply';
    return new LinearRegex(text, engine);
  } catch (error) {
    return explain(text, error);
  }
}

function explain(text: string, error: unknown): string {
  if (/\(\?<?[=!]/.test(text)) return 'lookahead and lookbehind have no bound in time and are not taken (RE2 syntax)';
  if (/\\[1-9]|\\k</.test(text)) return 'backreferences have no bound in time and are not taken (RE2 syntax)';
  const said = String(error instanceof Error ? error.message : error).replace(/^error parsing regexp: /, '');
  return `not a regular expression (RE2 syntax): ${said}`;
}
