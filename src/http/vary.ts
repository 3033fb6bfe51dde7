import type { Headers } from './headers.ts';

/**
 * Says that a reply depends on fields of its request (RFC 9110 §12.5.5), beside what its `Vary` says already.
 * @param names as they are to be written
 */
export function addVary(headers: Headers, names: readonly string[]): void {
  const before = headers.get('vary');
  if (before === undefined) {
    headers.add('Vary', names.join(', '));
    return;
  }
  const known = before.split(',').map((name) => name.trim().toLowerCase());
  if (known.includes('*')) return;
  const missing = names.filter((name) => !known.includes(name.toLowerCase()));
  if (missing.length > 0) headers.set('Vary', [before, ...missing].join(', '));
}
