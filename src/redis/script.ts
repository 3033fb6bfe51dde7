import { createHash } from 'node:crypto';

/** A script for Redis 7: one step that nothing comes in between. */
export interface Script {
  readonly name: string;
  readonly lua: string;
  /** What it is called by: hex SHA-1. */
  readonly sha: string;
}

/**
 * @param lua begins with `#!lua`: Redis then refuses it as a whole where it may not write, instead of breaking it off at its
 * first write (out of memory, too few replicas, read-only)
 */
export function script(name: string, lua: string): Script {
  const text = lua.trim();
  if (!text.startsWith('#!lua')) throw new Error(`the script ${name} does not begin with #!lua`);
  return Object.freeze({ name, lua: text, sha: createHash('sha1').update(text).digest('hex') });
}
