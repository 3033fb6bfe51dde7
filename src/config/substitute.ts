/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A text with its variables put in; or what is wrong with it, one sentence each. */
export type Fill = (text: string) => { text: string } | { wrong: string[] };

const MARK = /\$\$\{|\$\{([^}]*)(\}?)/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Puts variables in their places: `${NAME}`, `${NAME:-default}` (also for an empty variable, as shells do), and
 * `$${` for a literal `${`. What a variable brings in is not looked through again.
 * @returns the text; or what is wrong with it, one sentence each
 */
export function substitute(text: string, environment: Environment = process.env): ReturnType<Fill> {
  if (!text.includes('$')) return { text };
  const wrong: string[] = [];
  const done = text.replaceAll(MARK, (mark: string, inside: string | undefined, closed: string) => {
    if (inside === undefined) return '${';
    const [, name, fallback] = VARIABLE.exec(inside) ?? [];
    if (name === undefined || closed === '') {
      // What stands there is told nowhere: it may be a secret that happens to have this mark in it.
      wrong.push(`not a variable after \${; expected \${NAME} or \${NAME:-default}, or $\${ for a literal \${`);
      return mark;
    }
    const value = environment[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback === undefined) wrong.push(`the environment variable ${name} is not set, and there is no default`);
    return fallback ?? mark;
  });
  return wrong.length > 0 ? { wrong } : { text: done };
}
