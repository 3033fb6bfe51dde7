/**
 * A fast hash for spreading, never for secrets: whoever can choose texts can make them collide. FNV-1a over the UTF-16
 * code units (over the bytes, for ASCII), then {@link mix32}: FNV alone leaves the high bits of short texts alike.
 * @returns an unsigned 32-bit number, the same on every machine
 */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix32(hash);
}

/** The finalizer of MurmurHash3: a permutation of 32-bit numbers in which each bit of the input flips half of the output's. */
export function mix32(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
