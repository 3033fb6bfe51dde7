import { hash } from 'node:crypto';

/** Characters. Longer keys are none. */
export const LONGEST_KEY = 1024;

/** The form in which a key is kept. @param key as text, in UTF-8, or as the bytes that came */
export function hashKey(key: string | Buffer): string {
  return `sha256:${hash('sha256', key, 'hex')}`;
}
