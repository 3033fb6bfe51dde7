import { readFileSync } from 'node:fs';

/** The version in package.json, from the sources and from what is built of them alike. */
export function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
