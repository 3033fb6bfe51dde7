import { isIP } from 'node:net';
import { z } from 'zod';
import { field, quote, Wrong } from './fields.ts';

const ORIGIN = /^([a-z][a-z0-9+.-]*):\/\/(\*\.)?((?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::\d{1,5})?)$/;
const EXPECTED = 'a scheme and a host as browsers send them: https://app.example.com, https://*.example.com';

/**
 * A site as browsers name it in `Origin`, in lower case; with a star for the hosts below one, as `Origins` reads it.
 * @param words that may stand in its place
 */
export function originField(words: readonly string[] = []) {
  const expected = [...words.map(quote), EXPECTED].join(', or ');
  return field(z.string(), (text) => {
    if (words.includes(text)) return text;
    const lower = text.toLowerCase();
    const [, scheme, star, host] = ORIGIN.exec(lower) ?? [];
    if (host === undefined || !URL.canParse(`${scheme}://${host}`))
      return new Wrong(`not an origin: ${quote(text)}`, expected, meant(lower, words));
    // Browsers leave out the port that a scheme has anyway: an entry that names it would match nothing.
    const { host: standing, hostname } = new URL(`${scheme}://${host}`);
    if (standing !== host) return new Wrong(`${text} is never sent`, expected, lower.replace(host, standing));
    if (star !== undefined && (hostname.startsWith('[') || isIP(hostname) !== 0))
      return new Wrong(`nothing is below an address: ${quote(text)}`, expected, lower.replace(star, ''));
    return lower;
  });
}

/** The origin of a URL, or of a host without its scheme. */
function meant(text: string, words: readonly string[]): string | undefined {
  if (words.includes(text)) return text;
  const url = text.includes('://') ? text : `https://${text}`;
  const { origin } = URL.canParse(url) ? new URL(url) : { origin: 'null' };
  return origin !== text && ORIGIN.test(origin) ? origin : undefined;
}
