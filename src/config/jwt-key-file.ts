import { resolve } from 'node:path';
import type { Finding } from './config-error.ts';
import { type Path, valueAt } from './path.ts';
import { readText } from './pem.ts';
import type { Reading } from './tls-files.ts';

export const PUBLIC_KEY: Path = ['middleware', 'authentication', 'jwt', 'public_key'];

/** Reads the file that holds the key of tokens, if there is one. What is in it is looked at when the rest is known. */
export function readJwtKey(document: unknown, { directory, files }: Reading): { text?: string; findings: Finding[] } {
  const written = valueAt(document, PUBLIC_KEY);
  // The text itself may stand there.
  if (typeof written !== 'string' || written.includes('-----BEGIN')) return { findings: [] };
  const text = readText(resolve(directory, written), files);
  if (typeof text === 'string') return { text, findings: [] };
  return { findings: [{ path: PUBLIC_KEY, message: `${written}: ${text.wrong}` }] };
}
