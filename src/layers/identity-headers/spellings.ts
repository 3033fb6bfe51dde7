/**
 * All ways to write a field's name that pass for it with whoever reads `_` as `-` (CGI and its heirs), in lower case: two
 * for each hyphen or underscore that it has.
 */
export function spellings(name: string): string[] {
  let all = [''];
  for (const char of name.toLowerCase()) {
    const written = char === '-' || char === '_' ? ['-', '_'] : [char];
    all = all.flatMap((start) => written.map((one) => start + one));
  }
  return all;
}
