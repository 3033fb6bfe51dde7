import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { field, quote, Wrong } from '../lib/fields.ts';

const LABELS = /^(?=.{1,253}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;
const HOSTS = 'a host such as api.example.com, *.example.com or [::1]';

/**
 * Hosts that a route is for: one, or a list. Each is exact, or `*.` and a name that any number of labels stand before.
 * Lower case afterwards, without a dot at the end.
 */
export function hosts() {
  const expected = `${HOSTS}, or a list of them`;
  const list = z.union([z.string(), z.array(z.string()).min(1)], { error: `must be ${expected}` });
  return field(list, (written): string[] | Wrong => {
    const found: string[] = [];
    for (const text of typeof written === 'string' ? [written] : written) {
      const host = readHost(text);
      if (host instanceof Wrong) return host;
      if (found.includes(host)) return new Wrong(`${host} stands there twice`);
      found.push(host);
    }
    return found;
  });
}

function readHost(text: string): string | Wrong {
  const lower = text.toLowerCase().replace(/\.$/, '');
  if (text === '*') return new Wrong('a route without a host takes every host');
  if (/^\[.*\]$/.test(lower) && isIPv6(lower.slice(1, -1))) return lower;
  if (isIPv6(lower)) return new Wrong(`an IPv6 host stands in brackets: ${quote(text)}`, undefined, `[${lower}]`);
  if (/:\d*$/.test(lower))
    return new Wrong(`hosts are compared without their port: ${quote(text)}`, HOSTS, lower.replace(/:\d*$/, ''));
  if (text.includes('/')) return new Wrong(`a host, not a URL: ${quote(text)}`, HOSTS);
  const name = lower.startsWith('*.') ? lower.slice(2) : lower;
  if (LABELS.test(name)) return lower;
  if (name.includes('*')) return new Wrong(`"*" stands only at the beginning, before a dot: ${quote(text)}`, HOSTS);
  const ascii = domainToASCII(name);
  return new Wrong(`not a host: ${quote(text)}`, HOSTS, LABELS.test(ascii) ? lower.replace(name, ascii) : undefined);
}
