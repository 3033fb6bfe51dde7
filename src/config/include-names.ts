import { isAbsolute, join, matchesGlob, resolve } from 'node:path';
import { codeOf, type Files } from './inputs.ts';

/** Far more than anybody keeps apart; a pattern that matches more has a slip in it. */
export const MAX_FILES = 1000;

/** `{…}` of one part of a path: alternatives multiply, and thirty of two each are a billion patterns. */
const MOST_BRACES = 2;

/**
 * The files that a pattern names, in order. `*`, `?`, `[…]` and `{…}` match within one part of a path.
 * @returns their names from the directory; or what is wrong
 */
export function namesOf(pattern: string, directory: string, files: Files): string[] | string {
  if (pattern.split('/').includes('**')) return '"**" is not taken here: it would search whole trees; name the directories';
  let found = [isAbsolute(pattern) ? '/' : ''];
  for (const part of pattern.split('/').filter((one) => one !== '')) {
    if (!/[*?[{]/.test(part)) {
      found = found.map((base) => join(base, part));
      continue;
    }
    if (part.split('{').length - 1 > MOST_BRACES) return `${JSON.stringify(part)}: at most ${MOST_BRACES} of {…} in one name`;
    if (/\{[^}]*\.\.|[!?+*@]\(/.test(part))
      return `${JSON.stringify(part)}: ranges and (…) are not taken here; expected *, ?, […] and {a,b}`;
    const next: string[] = [];
    for (const base of found) {
      try {
        const names = files.list(resolve(directory, base));
        next.push(...names.filter((name) => matchesGlob(name, part)).map((name) => join(base, name)));
      } catch (error) {
        const code = codeOf(error);
        // A file beside the directories that were meant.
        if (code === 'ENOTDIR' && found.length > 1) continue;
        return code === 'ENOENT' || code === 'ENOTDIR' ? `there is no directory ${base}` : (error as Error).message;
      }
    }
    if (next.length > MAX_FILES) return `matches ${next.length} names: at most ${MAX_FILES}`;
    found = next;
  }
  return found;
}
