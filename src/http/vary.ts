import type { Headers } from './headers.ts';

/**
 * Says that a reply depends on fields of its request (RFC 9110 §12.5.5), beside what its `Vary` says already: one field,
 * each name once. One that says `*` stays as it is: nothing can be added to that.
 * @param names as they are to be written
 */
export function addVary(headers: Headers, names: readonly string[]): void {
  const before = headers.get('vary');
  if (before === undefined || before === '') {
    headers.remove('vary');
    headers.add('Vary', names.join(', '));
    return;
  }
  const known = before.toLowerCase();
  if (lists(known, '*')) return;
  let after = before;
  for (const name of names) if (!lists(known, name.toLowerCase())) after += `, ${name}`;
  if (after === before) return;
  headers.remove('vary');
  headers.add('Vary', after);
}

/** Most lists have nothing like it: then they are not taken apart. */
function lists(list: string, name: string): boolean {
  return list.includes(name) && list.split(',').some((one) => one.trim() === name);
}
