import type { X509Certificate } from 'node:crypto';
import { readIp } from '../lib/address.ts';

/** Whom a certificate is for. The kinds that have no meaning here are left out. */
export interface AlternativeName {
  readonly kind: 'DNS' | 'IP' | 'URI' | 'email';
  readonly value: string;
}

const KINDS: Readonly<Record<string, AlternativeName['kind']>> = {
  DNS: 'DNS',
  'IP Address': 'IP',
  URI: 'URI',
  email: 'email',
};
const ENTRY = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/y;

/**
 * The subject alternative names (RFC 5280 §4.2.1.6) in their order. Node writes them in one line, and puts a value that
 * could be taken for more than one in quotes, as JSON. What follows something that does not read so is left out: a name
 * that is missed opens no door.
 */
export function alternativeNames({ subjectAltName = '' }: Pick<X509Certificate, 'subjectAltName'>): AlternativeName[] {
  const names: AlternativeName[] = [];
  for (const [, word = '', written = ''] of entries(subjectAltName)) {
    const kind = Object.hasOwn(KINDS, word) ? KINDS[word] : undefined;
    const value = written.startsWith('"') ? unquoted(written) : written;
    if (kind !== undefined && value !== undefined) names.push({ kind, value: kind === 'IP' ? (readIp(value) ?? value) : value });
  }
  return names;
}

function* entries(text: string): Generator<RegExpExecArray> {
  const entry = new RegExp(ENTRY);
  for (let found = entry.exec(text); found !== null; found = entry.exec(text)) yield found;
}

function unquoted(written: string): string | undefined {
  try {
    return JSON.parse(written) as string;
  } catch {
    return undefined;
  }
}
