/** `T` with everything in it read-only: what {@link deepFreeze} promises at run time. */
export type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Frozen<T[Key]> }
      : T;

/**
 * Freezes a value made of plain objects and arrays, in place, cycles included.
 * @returns the same value
 * @throws TypeError for typed arrays and buffers, which cannot be frozen
 */
export function deepFreeze<T>(value: T): Frozen<T> {
  const open: unknown[] = [value];
  const seen = new Set<unknown>();
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    Object.freeze(next);
    open.push(...Object.values(next));
  }
  return value as Frozen<T>;
}
